public import WorkerKit

/// The statements of one transaction, for the store, the queue, and workers with tables of their own.
///
/// It is valid inside the closure that it was handed to and nowhere else.
public struct SQLiteTransaction {
  let connection: SQLiteConnection

  init(_ connection: SQLiteConnection) { self.connection = connection }

  /// Runs a statement and answers with the number of rows it changed.
  @discardableResult
  public func run(_ sql: StaticString, _ values: SQLiteValue...) throws(DriverError) -> Int {
    try connection.statement(sql).run(values)
    return connection.changes
  }

  /// The rows of a query, column by column.
  public func rows(_ sql: StaticString, _ values: SQLiteValue...) throws(DriverError) -> [[SQLiteValue]] {
    try connection.statement(sql).rows(values) { row throws(DriverError) in row.values }
  }

  /// True when `authority` may write for its job now: the check of the seam, for a worker's own transaction. Ask before
  /// the first write, in the same transaction.
  public func admits(_ authority: Authority) throws(DriverError) -> Bool {
    try SQLiteJobs(self).admits(authority)
  }

  /// The error as the seam types it; anything but a driver's own error is a refusal of the batch.
  static func typed(_ error: any Error) -> DriverError {
    (error as? DriverError)
      ?? DriverError(
        .refused, "transaction_refused", "The transaction was given up and nothing of it was kept.",
        detail: String(describing: error))
  }
}
