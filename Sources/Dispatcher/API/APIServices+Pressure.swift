import WorkerKit

extension APIServices {
  /// Lets events in: at once, or after a wait that grows as the mark comes nearer.
  /// - Throws: A `Problem` with a time to come back, where as many wait as may.
  func admitEvents() async throws {
    guard let pressure else { return }
    guard let delay = await pressure.delay() else {
      throw Problem.intakeHeld(pressure.standing, retryAfter: comeBack)
    }
    if delay > .zero { try await environment.time.sleep(for: delay) }
  }

  /// Lets jobs be made by a replay.
  /// - Throws: A `Problem` with a time to come back, where a queue is full.
  func admitReplay() async throws(Problem) {
    guard let pressure else { return }
    let hasRoom = await pressure.allowance(upTo: 1) > 0
    guard hasRoom, !pressure.isRoutingHeld else {
      throw Problem.routingHeld(pressure.standing, retryAfter: comeBack)
    }
  }

  /// Seconds from 2 to 8, so that not all come back at once.
  private var comeBack: Int { 2 + Int(environment.random.unit() * 7) }
}

extension Problem {
  /// As many events wait to be routed as may. 429 and not 503: it is no failure of this server, and another of the same
  /// set-up would say the same (RFC 6585 section 4 lets requests be counted across a set of servers).
  fileprivate static func intakeHeld(_ standing: BackPressureStanding, retryAfter seconds: Int) -> Problem {
    var problem = Problem(
      429, "too_many_events",
      "As many events wait to be routed as may, and nothing was recorded. Send this again in \(seconds) seconds.")
    problem.note(standing, retryAfter: seconds)
    return problem
  }

  /// A queue is full, so that nothing is replayed into it.
  fileprivate static func routingHeld(_ standing: BackPressureStanding, retryAfter seconds: Int) -> Problem {
    var problem = Problem(
      429, "queue_full",
      "A queue has no room, and nothing of this request was replayed. Ask again in \(seconds) seconds.")
    problem.note(standing, retryAfter: seconds)
    return problem
  }

  private mutating func note(_ standing: BackPressureStanding, retryAfter seconds: Int) {
    headers[.retryAfter] = String(seconds)
    members["waiting_events"] = .integer(Int64(standing.events))
    members["full_queues"] = .array(standing.full.keys.sorted().map { .string($0.rawValue) })
    members["queue_has_room"] = .bool(!standing.isOutOfRoom)
  }
}
