import WorkerKit

/// A quiet tenant's events at a steady rate, first by themselves, then beside a busy tenant's backlog, of which
/// `waiting` jobs are still left at the end; and the busy one's speed by itself and beside the quiet one, in turn.
struct QuietTenant {
  let drain: Drain
  private var settings: Settings { drain.settings }

  func run() async throws {
    try await drain.activate()
    let idle = try await drain.serving { arrivals in try await sendForSeconds(10, arrivals) }
    print("quiet alone: \(Marks(idle)), of \(idle.count)")
    try await fill(settings.jobs * settings.rounds * 2 + settings.waiting)
    var (alone, beside, waits) = ([Double](), [Double](), [Double]())
    (alone, beside, waits) = try await drain.serving { arrivals in
      for round in 0..<settings.rounds {
        for isBeside in round.isMultiple(of: 2) ? [false, true] : [true, false] {
          let speed = try await measure(isBeside ? arrivals : nil, &waits)
          if isBeside { beside.append(speed) } else { alone.append(speed) }
        }
      }
      return (alone, beside, waits)
    }
    print("quiet beside: \(Marks(waits)), of \(waits.count)")
    print("busy alone: \(alone.map { Int($0) }) jobs/s")
    print("busy beside: \(beside.map { Int($0) }) jobs/s")
  }

  /// Jobs of the busy tenant that wait.
  private func fill(_ jobs: Int) async throws {
    var settings = settings
    settings.jobs = jobs
    _ = try await Drain(settings: settings, parts: drain.parts).runWaiting()
  }

  /// The busy tenant's jobs a second, until `jobs` more are settled; where there is a signal, beside the quiet one.
  private func measure(_ arrivals: Signal?, _ waits: inout [Double]) async throws -> Double {
    let (clock, first, sent) = (ContinuousClock(), drain.settledJobs(), NoOpWorker.begun.count)
    let start = clock.now
    let sending = Task { try await send(arrivals, from: start) }
    while drain.settledJobs() < first + settings.jobs { try await Task.sleep(for: .milliseconds(2)) }
    let seconds = (clock.now - start).inSeconds
    let settled = drain.settledJobs() - first - (NoOpWorker.begun.count - sent)
    sending.cancel()
    let count = try await sending.value
    // The backlog waits on meanwhile, so that the last ones count as the others do.
    while NoOpWorker.begun.count < sent + count { try await Task.sleep(for: .milliseconds(2)) }
    waits += NoOpWorker.begun.waits.dropFirst(sent)
    return Double(settled) / seconds
  }

  /// Sends the quiet tenant's events, whether those before are recorded or not, until cancelled; their number.
  private func send(_ arrivals: Signal?, from start: ContinuousClock.Instant) async throws -> Int {
    guard let arrivals else { return 0 }
    var events: [Task<Void, any Error>] = []
    while !Task.isCancelled {
      events.append(
        Task {
          try await drain.recordTimed(tenant: "quiet")
          arrivals.raise()
        })
      let next = start + .seconds(1) * events.count / settings.rate
      try? await ContinuousClock().sleep(until: next, tolerance: .zero)
    }
    for event in events { try await event.value }
    return events.count
  }

  /// Milliseconds of what a quiet tenant sends by itself, but for the first second.
  private func sendForSeconds(_ seconds: Int, _ arrivals: Signal) async throws -> [Double] {
    let count = seconds * settings.rate
    try await atRate(settings.rate, count: count) { _ in
      try await drain.recordTimed(tenant: "quiet")
      arrivals.raise()
    }
    // All have ended before the host stops: what it gives back would begin again.
    while drain.settledJobs() < count { try await Task.sleep(for: .milliseconds(5)) }
    return Array(NoOpWorker.begun.waits.dropFirst(settings.rate))
  }
}
