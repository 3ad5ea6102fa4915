import Synchronization
import WorkerKit

/// How soon no-op jobs begin whose events are recorded one by one, at a steady rate: from just before an event is
/// handed to the store until its worker runs. Recording, its commit, routing, the queue and the lease are all in it.
struct Pickup {
  let drain: Drain
  /// Events a second.
  let rate: Int

  /// Milliseconds of every event but those of the first second, sorted.
  func run() async throws -> [Double] {
    let sent = try await drain.serving { arrivals in
      let sent = try await send(arrivals)
      while NoOpWorker.begun.count < sent { try await Task.sleep(for: .milliseconds(5)) }
      return sent
    }
    return Array(NoOpWorker.begun.waits.dropFirst(min(rate, sent / 2))).sorted()
  }

  /// Each event at its time, whether those before it are recorded or not.
  private func send(_ arrivals: Signal) async throws -> Int {
    try await atRate(rate, count: drain.settings.jobs) { _ in
      try await drain.recordTimed(tenant: "bench")
      arrivals.raise()
    }
    return drain.settings.jobs
  }
}

/// Begins `body` so many times at a steady rate, whether those before it have ended or not.
func atRate(_ rate: Int, count: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
  let clock = ContinuousClock()
  let start = clock.now
  try await withThrowingTaskGroup(of: Void.self) { group in
    for number in 0..<count {
      try await clock.sleep(until: start + .seconds(1) * number / rate, tolerance: .zero)
      group.addTask { try await body(number) }
    }
    try await group.waitForAll()
  }
}

/// When jobs began, as how long after their events were handed over.
final class BegunJobs: Sendable {
  private let all = Mutex<[Double]>([])

  var count: Int { all.withLock { $0.count } }
  /// Milliseconds, in the order in which the jobs began.
  var waits: [Double] { all.withLock { $0 } }

  /// Notes a job whose event was handed over at this moment of the clock of uptime, in nanoseconds.
  func note(since moment: UInt64) {
    let now = Self.now
    all.withLock { $0.append(Double(now - moment) / 1_000_000) }
  }

  /// Nanoseconds of the clock of uptime.
  static var now: UInt64 {
    let moment = Environment.system.time.monotonic.components
    return UInt64(moment.seconds) * 1_000_000_000 + UInt64(moment.attoseconds / 1_000_000_000)
  }
}
