import RedisDriver
import WorkerKit

/// The rounds of the measurement.
struct QueueBenchRun: Sendable {
  let queue: RedisQueue
  let settings: QueueSettings
  private let environment = Environment.system
  private let lane: QueueName = "bench"
  /// One that no run before has had.
  private let epoch: Epoch

  init(queue: RedisQueue, settings: QueueSettings) {
    self.queue = queue
    self.settings = settings
    epoch = Epoch(rawValue: environment.time.now.milliseconds)
  }

  /// Empties the queue.
  func open() async throws { try await queue.open(epoch) }

  /// An id as runs and stages make them.
  func job() -> JobID { JobID(run: RunID(environment.id()), stage: "thumbnails") }

  /// Pushes so many jobs in batches.
  func push(_ count: Int) async throws {
    var left = count
    while left > 0 {
      let size = min(left, settings.batch)
      try await push((0..<size).map { _ in job() })
      left -= size
    }
  }

  /// Pushes a backlog and drains it, round by round; then both at once.
  func drain() async throws {
    let clock = ContinuousClock()
    for _ in 0..<settings.rounds {
      let pushed = try await clock.measure { try await push(settings.jobs) }
      let moved = try await clock.measure { try await lease(settings.jobs) }
      report("push", pushed)
      report("lease and finish, \(settings.tasks) tasks", moved)
    }
    let both = try await clock.measure {
      async let pushing: Void = push(settings.jobs)
      try await lease(settings.jobs)
      try await pushing
    }
    report("push, lease and finish at once", both)
  }

  /// Pushes one job at a time to a host that waits, and measures how soon it has the lease.
  func pickUp() async throws {
    let (clock, pause) = (ContinuousClock(), Duration.seconds(1) / settings.rate)
    var lengths: [Duration] = []
    for _ in 0..<settings.pickups {
      async let leased = grant(limit: 1, wait: .seconds(60))
      try await Task.sleep(for: pause)
      let start = clock.now
      try await push([job()])
      let leases = try await leased
      lengths.append(clock.now - start)
      _ = try await queue.finish(leases.map(\.authority))
    }
    lengths.sort()
    let marks = [0.5, 0.9, 0.99].map { lengths[min(lengths.count - 1, Int(Double(lengths.count) * $0))] }
    print("picked up, one at a time: p50 \(marks[0]), p90 \(marks[1]), p99 \(marks[2])")
  }

  private func push(_ jobs: [JobID]) async throws {
    let entries = jobs.map { QueueEntry(job: $0, fence: .first, queue: lane) }
    let notAfter = environment.time.now + .seconds(60)
    let answers = try await queue.push(Handoff(id: 1, epoch: epoch, notAfter: notAfter, entries: entries))
    precondition(answers.allSatisfy { $0 == .pushed }, "Every job is pushed once.")
  }

  private func lease(_ count: Int) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<settings.tasks {
        group.addTask {
          var left = count / settings.tasks
          while left > 0 {
            let leases = try await grant(limit: min(left, settings.batch), wait: .seconds(60))
            let answers = try await queue.finish(leases.map(\.authority))
            precondition(answers.allSatisfy { $0 == .removed }, "Every lease is finished once.")
            left -= leases.count
          }
        }
      }
      try await group.waitForAll()
    }
  }

  private func grant(limit: Int, wait: Duration) async throws -> [Lease] {
    try await queue.lease(LeaseRequest(queue: lane, limit: limit, length: .seconds(60), host: "bench", wait: wait))
  }

  private func report(_ what: String, _ length: Duration) {
    print("\(what): \(Int(Double(settings.jobs) / length.inSeconds)) jobs/s")
  }
}
