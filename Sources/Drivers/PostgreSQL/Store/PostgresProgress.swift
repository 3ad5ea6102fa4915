public import WorkerKit

extension PostgresStore {
  public func report(_ reports: [ProgressReport]) async throws(DriverError) -> [WriteAnswer] {
    guard !reports.isEmpty else { return [] }
    return try await write { transaction, _ in
      let (jobs, epoch) = try Self.locked(reports.map(\.authority.job), transaction)
      return try reports.map { report in
        guard let job = jobs[report.authority.job], job.standing.admits(report.authority, in: epoch) else {
          return .stale
        }
        let before = try transaction.progress(of: job.number) ?? JobProgress()
        try transaction.run(
          "INSERT INTO progress (job, report) VALUES ($1, $2) ON CONFLICT (job) DO UPDATE SET report = excluded.report",
          [.integer(job.number), .json(before.followed(by: report.progress).json)])
        return .kept
      }
    }
  }
}

extension PostgresTransaction {
  /// What was reported of a job, or nil.
  func progress(of job: Int64) throws(DriverError) -> JobProgress? {
    try rows("SELECT report FROM progress WHERE job = $1", [.integer(job)]).first?.optionalJSON(0)
      .flatMap { JobProgress(json: $0) }
  }
}
