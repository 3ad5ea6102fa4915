internal import WorkerKit

extension SeamCheck {
  /// Progress, and what entries carry beside their ids.
  static let progress = [keepsProgress, refusesStaleProgress, goesByPriority, leasesAsLongAsAsked]

  private static let keepsProgress = SeamCheck("progress and logs are kept with the job") { bench in
    let job = try await bench.startOne()
    let lease = try await bench.leaseOne()
    let reports = [
      JobProgress(fraction: 0.25, message: "reading", log: "one\n"), JobProgress(fraction: 0.5, log: "two\n"),
    ]
    let answers = try await bench.store.report(reports.map { ProgressReport(authority: lease.authority, progress: $0) })
    try expect(answers, is: [.kept, .kept], "Both are kept.")
    let progress = try await bench.store.job(job)?.progress
    try expect(
      progress, is: JobProgress(fraction: 0.5, message: "reading", log: "one\ntwo\n"),
      "What is newer replaces, logs are added.")
  }

  private static let refusesStaleProgress = SeamCheck("a stale attempt reports nothing", scenarios: [1]) { bench in
    let job = try await bench.startOne()
    let lease = try await bench.leaseOne()
    bench.time.advance(by: .seconds(60))
    try await bench.reap()
    let answers = try await bench.store.report([
      ProgressReport(authority: lease.authority, progress: JobProgress(fraction: 1))
    ])
    try expect(answers, is: [.stale], "It is told so.")
    try expect(try await bench.store.job(job)?.progress, is: nil, "Nothing is kept.")
  }

  private static let goesByPriority = SeamCheck("higher priorities go first, and then the oldest") { bench in
    var jobs: [Priority: [JobID]] = [:]
    for priority in [Priority.low, .normal, .high, .low, .normal, .high] {
      jobs[priority, default: []].append(try await bench.arrive(JobOrdering(), priority: priority))
    }
    let wanted = Priority.allCases.sorted().flatMap { jobs[$0] ?? [] }
    var found: [JobID] = []
    for _ in wanted.indices { found.append(try await bench.leaseNext().authority.job) }
    try expect(found, is: wanted, "High, normal, low; within each the oldest.")
  }

  private static let leasesAsLongAsAsked = SeamCheck("an entry's own lease length counts") { bench in
    try await bench.arrive(JobOrdering(), lease: .seconds(120))
    let lease = try require(try await bench.lease(1).first, "The job is leased.")
    try expect(lease.length, is: .seconds(120), "As long as its stage says.")
    bench.time.advance(by: .seconds(60))
    try expect(try await bench.queue.expired(limit: 9), is: [], "It has not run out.")
    bench.time.advance(by: .seconds(61))
    try expect(try await bench.queue.expired(limit: 9).count, is: 1, "Then it has.")
  }
}

extension SeamBench {
  /// Leases one of the jobs that wait.
  fileprivate func leaseNext() async throws -> Lease {
    try require(try await lease(1).first, "A job is leased.")
  }
}
