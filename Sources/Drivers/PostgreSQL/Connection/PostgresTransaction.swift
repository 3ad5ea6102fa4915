public import WorkerKit

/// The statements of one transaction; valid on its thread, inside the closure that it was handed to, and nowhere else.
public struct PostgresTransaction {
  let connection: PostgresConnection

  init(_ connection: PostgresConnection) { self.connection = connection }

  /// Runs a statement, which is prepared once for each connection, and gives its rows.
  public func rows(_ text: String, _ parameters: [PostgresValue] = []) throws(DriverError) -> PostgresRows {
    let results = try connection.exchange([PostgresStatement(text, parameters)])
    return PostgresRows(results[0])
  }

  /// Runs a statement and answers with the number of rows it changed.
  @discardableResult
  public func run(_ text: String, _ parameters: [PostgresValue] = []) throws(DriverError) -> Int {
    try rows(text, parameters).changes
  }

  /// Runs several statements in one round trip; their rows come in order. The first that fails ends the others.
  @discardableResult
  public func pipeline(
    _ statements: [(text: String, parameters: [PostgresValue])]
  ) throws(DriverError) -> [PostgresRows] {
    guard !statements.isEmpty else { return [] }
    return try connection.exchange(statements.map { PostgresStatement($0.text, $0.parameters) }).map(PostgresRows.init)
  }

  /// Runs a text of several statements without parameters, however long that takes: for migrations.
  func script(_ text: String) throws(DriverError) { try connection.script(text) }

  /// The error as the seam types it; anything but a driver's own error is a refusal of the batch.
  static func typed(_ error: any Error) -> DriverError {
    (error as? DriverError)
      ?? DriverError(
        .refused, "transaction_refused", "The transaction was given up and nothing of it was kept.",
        detail: String(describing: error))
  }
}
