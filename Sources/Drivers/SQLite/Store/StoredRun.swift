import WorkerKit

/// What a plan needs to know of a run beside its jobs.
struct StoredRun {
  let row: Int64
  let id: RunID
  let tenant: TenantID
  let pipeline: PipelineName
  let revision: RevisionHash
  /// True for one that a person ended: nothing follows in it any more.
  let isCancelled: Bool

  /// The columns that `init(_:from:)` reads.
  static let columns = "runs.sequence, runs.id, runs.tenant, runs.pipeline, runs.revision, runs.state"

  private static let byID = SQLiteText("SELECT \(columns) FROM runs WHERE id = ?1")

  /// Reads the six columns from the one that is named.
  init(_ row: SQLiteRow, from column: Int32) {
    self.row = row.integer(column)
    id = RunID(row.text(column + 1))
    tenant = TenantID(row.text(column + 2))
    pipeline = PipelineName(row.text(column + 3))
    revision = RevisionHash(row.text(column + 4))
    isCancelled = row.integer(column + 5) == SQLiteRunRows.number(of: .cancelled)
  }

  /// The run of a new row.
  init(_ new: NewRun, row: Int64, tenant: TenantID) {
    self.row = row
    id = new.id
    self.tenant = tenant
    pipeline = new.pipeline
    revision = new.revision
    isCancelled = false
  }

  /// The run with this id, or nil.
  static func find(_ id: RunID, _ transaction: SQLiteTransaction) throws(DriverError) -> StoredRun? {
    let statement = try transaction.connection.statement(byID)
    statement.bind(1, id.rawValue)
    return try statement.one { row throws(DriverError) in StoredRun(row, from: 0) }
  }

  /// The line in which its jobs of a stage take their turns.
  func line(_ turn: Turn) -> OrderingKey {
    OrderingKey(tenant: tenant, pipeline: pipeline, stage: turn.stage, key: turn.key)
  }
}
