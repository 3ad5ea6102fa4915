import WorkerKit

/// The jobs that there are, alive and ended, within one transaction.
struct PostgresJobs {
  let transaction: PostgresTransaction

  init(_ transaction: PostgresTransaction) { self.transaction = transaction }

  /// Those of these jobs that live; with `locking`, nobody else changes or ends them until the transaction ends.
  func live(_ ids: [JobID], locking: Bool = false) throws(DriverError) -> [JobID: StoredJob] {
    guard !ids.isEmpty else { return [:] }
    return try Self.byID(transaction.rows(Self.live(ids, locking: locking)))
  }

  /// The call behind `live(_:locking:)`.
  static func live(_ ids: [JobID], locking: Bool) -> PostgresCall {
    (locking ? liveLocked : live, [.texts(ids.map(\.rawValue))])
  }

  static func byID(_ rows: PostgresRows) throws(DriverError) -> [JobID: StoredJob] {
    var jobs: [JobID: StoredJob] = [:]
    for index in 0..<rows.count {
      let job = try StoredJob(PostgresRow(rows: rows, index: index))
      jobs[job.id] = job
    }
    return jobs
  }

  /// Those of these jobs that have ended. Found through their runs, or by the index of names.
  func ended(_ ids: [JobID]) throws(DriverError) -> [JobID: StoredJob] {
    guard !ids.isEmpty else { return [:] }
    let numbers = try endedNumbers(ids)
    guard !numbers.isEmpty else { return [:] }
    return try Self.byID(transaction.rows(Self.endedByNumber, [.integers(numbers)]))
  }

  /// These jobs, alive or ended. One that comes to life between the two questions is not found, unless its run is held.
  func find(_ ids: [JobID], locking: Bool = false) throws(DriverError) -> [JobID: StoredJob] {
    var found = try live(ids, locking: locking)
    let missing = ids.filter { found[$0] == nil }
    found.merge(try ended(missing)) { live, _ in live }
    return found
  }

  func find(_ id: JobID, locking: Bool = false) throws(DriverError) -> StoredJob? {
    try find([id], locking: locking)[id]
  }

  /// One whole job.
  func job(_ id: JobID) throws(DriverError) -> Job? {
    let live = try transaction.rows(Self.wholeLive, [.text(id.rawValue)]).first
    if let live { return try PostgresJobRows.job(live) }
    guard let number = try endedNumbers([id]).first else { return nil }
    return try transaction.rows(Self.wholeEnded, [.integer(number)]).first.map(PostgresJobRows.job)
  }

  /// The numbers of those of these jobs that have ended.
  func endedNumbers(_ ids: [JobID]) throws(DriverError) -> [Int64] {
    var (runs, derived): ([String], [String]) = ([], [])
    for id in ids {
      guard let parts = DerivedID(id) else { continue }
      runs.append(String(parts.run))
      derived.append(id.rawValue)
    }
    var numbers: Set<Int64> = []
    if !derived.isEmpty {
      let beside = try transaction.rows(Self.beside, [.texts(runs), .texts(derived)])
      for row in 0..<beside.count { numbers.insert(beside.integer(row, 0)) }
    }
    if numbers.count < ids.count {
      let named = try transaction.rows(Self.named, [.texts(ids.map(\.rawValue))])
      for row in 0..<named.count { numbers.insert(named.integer(row, 0)) }
    }
    return Array(numbers)
  }

  static let live = "SELECT \(StoredJob.liveColumns) FROM \(PostgresJobRows.live) WHERE j.id = ANY($1)"
  static let liveLocked = "\(live) ORDER BY j.number FOR UPDATE OF j"
  static let endedByNumber =
    "SELECT \(StoredJob.endedColumns) FROM \(PostgresJobRows.ended) WHERE j.number = ANY($1)"
  private static let wholeLive =
    "SELECT \(PostgresJobRows.liveColumns) FROM \(PostgresJobRows.live) WHERE j.id = $1"
  private static let wholeEnded =
    "SELECT \(PostgresJobRows.endedColumns) FROM \(PostgresJobRows.ended) WHERE j.number = $1"
  private static let beside = """
    SELECT j.number FROM unnest($1::text[], $2::text[]) AS asked(run, id) JOIN runs r ON r.id = asked.run
      JOIN jobs j ON j.number >= r.number * \(RowNumbers.jobsOfRun)
        AND j.number < r.number * \(RowNumbers.jobsOfRun) + \(RowNumbers.jobsBesideRun) AND j.id = asked.id
    """
  private static let named = "SELECT j.number FROM jobs j WHERE j.named AND j.id = ANY($1)"
}
