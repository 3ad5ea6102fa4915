public import WorkerKit

extension SQLiteStore {
  public func report(_ reports: [ProgressReport]) async throws(DriverError) -> [WriteAnswer] {
    try await database.write { transaction in
      let jobs = try SQLiteJobs(transaction)
      let epoch = try jobs.epoch()
      return try reports.map { report in
        guard let stored = try jobs.standing(of: report.authority.job),
          stored.standing.admits(report.authority, in: epoch)
        else { return .stale }
        let before = try transaction.progress(of: stored.row) ?? JobProgress()
        try transaction.run(
          "INSERT INTO progress (job, report) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET report = ?2",
          .integer(stored.row), .json(before.followed(by: report.progress).json))
        return .kept
      }
    }
  }
}

extension SQLiteTransaction {
  /// What was reported of a job, or nil.
  func progress(of job: Int64) throws(DriverError) -> JobProgress? {
    try connection.statement("SELECT report FROM progress WHERE job = ?1")
      .first(.integer(job)) { row throws(DriverError) in try row.optionalJSON(0) }
      .flatMap { $0 }.flatMap { JobProgress(json: $0) }
  }
}
