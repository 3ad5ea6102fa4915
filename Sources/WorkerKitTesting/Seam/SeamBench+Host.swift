internal import WorkerKit

/// What a worker host does.
extension SeamBench {
  func lease(
    _ limit: Int = 1, from queue: QueueName = .standard, wait: Duration = .zero
  ) async throws -> [Lease] {
    try await self.queue.lease(
      LeaseRequest(queue: queue, limit: limit, length: Self.leaseLength, host: Self.host, wait: wait))
  }

  /// Leases the `count` jobs that there are, each a job of its own.
  func leaseAll(
    _ count: Int, from queue: QueueName = .standard, file: String = #fileID, line: Int = #line
  ) async throws -> [Lease] {
    let leases = try await lease(count + 1, from: queue)
    try expect(leases.count, is: count, "Every waiting job is leased, and no other.", file: file, line: line)
    let jobs = Set(leases.map(\.authority.job))
    try expect(jobs.count, is: count, "No job is leased twice.", file: file, line: line)
    return leases
  }

  /// Leases the one job that there is.
  func leaseOne(file: String = #fileID, line: Int = #line) async throws -> Lease {
    try require(try await leaseAll(1, file: file, line: line).first, "A job is leased.", file: file, line: line)
  }

  /// Leases the `count` jobs that there are; gives each lease by its job.
  func leasesByJob(_ count: Int, file: String = #fileID, line: Int = #line) async throws -> [JobID: Lease] {
    let leases = try await leaseAll(count, file: file, line: line)
    return Dictionary(leases.map { ($0.authority.job, $0) }) { first, _ in first }
  }

  /// What the store says of a lease: the job, where it is to be worked on.
  func load(_ lease: Lease) async throws -> Job? {
    guard case .job(let job)? = try await store.load([lease]).first else { return nil }
    return job
  }

  func begin(_ lease: Lease) async throws -> WriteAnswer? {
    try await store.begin([BegunAttempt(authority: lease.authority, startedAt: time.now)]).first
  }

  func settlement(_ lease: Lease, _ outcome: Outcome) -> Settlement {
    Settlement(authority: lease.authority, outcome: outcome, host: Self.host, startedAt: time.now)
  }

  /// Settles in the store, and stops there: the host was killed before it pushed and finished.
  func settleOnly(
    _ lease: Lease, _ outcome: Outcome = .done, plan: @escaping SettlePlanner = Plans.ending
  ) async throws -> SettleAnswer? {
    try await store.settle([settlement(lease, outcome)], plan: plan).answers.first
  }

  /// Settles, pushes what follows, and finishes.
  @discardableResult
  func settle(
    _ leases: [Lease], _ outcome: Outcome = .done, plan: @escaping SettlePlanner = Plans.ending
  ) async throws -> [SettleAnswer] {
    let result = try await store.settle(leases.map { settlement($0, outcome) }, plan: plan)
    try await deliver(result.handoff)
    _ = try await queue.finish(leases.map(\.authority))
    return result.answers
  }

  /// Leases the one job that there is and settles it.
  @discardableResult
  func work(_ outcome: Outcome = .done, plan: @escaping SettlePlanner = Plans.ending) async throws -> Lease {
    let lease = try await leaseOne()
    try expect(try await settle([lease], outcome, plan: plan), is: [.settled], "The only holder settles.")
    return lease
  }

  /// Runs `body` while the clock moves on by a second whenever somebody sleeps, from the moment when `prepare` is done.
  func whileTimePasses<Result: Sendable>(
    after prepare: @escaping @Sendable () async throws -> Void = {},
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await body() }
      group.addTask { [time] in
        try await prepare()
        while !Task.isCancelled {
          // Cancelled as soon as the body is done; then there is nothing to wait for.
          guard (try? await time.waitForSleepers()) != nil else { break }
          time.advance(by: .seconds(1))
          await Task.yield()
        }
        return nil
      }
      defer { group.cancelAll() }
      while let finished = try await group.next() {
        if let result = finished { return result }
      }
      throw CheckFailure("The work ended without a result.")
    }
  }
}

extension Outcome {
  /// Success with a small output.
  static var done: Outcome { .succeeded(output: Array(#"{"ok":true}"#.utf8), artifacts: []) }

  /// A dead letter.
  static var broken: Outcome { .failed(Failure(.permanent, "broken", "It will never work.")) }

  /// A retry after `wait`.
  static func again(after wait: Duration) -> Outcome {
    .retry(Failure(.transient, "unwell", "It may work later."), after: wait)
  }
}
