import WorkerKit

/// One place of a pool: the connection that its thread has at the moment, and how transactions are done on it.
// Unchecked because only closures that run on the place's one thread touch `connection`.
final class PostgresSession: @unchecked Sendable {
  private let configuration: PostgresConfiguration
  private let backoff: PostgresBackoff
  private var connection: PostgresConnection?

  /// How often a transaction is begun that was undone by others or by the loss of its connection.
  private static let tries = 5

  init(_ configuration: PostgresConfiguration, backoff: PostgresBackoff) {
    self.configuration = configuration
    self.backoff = backoff
  }

  /// Does `body` in a transaction that writes.
  func write<Value>(_ body: (PostgresTransaction) throws -> Value) -> Result<Value, DriverError> {
    repeating { connection throws(DriverError) in
      connection.begin("BEGIN")
      let value = try Self.run(body, on: connection)
      try connection.commit()
      return value
    }
  }

  /// Does `body` in a transaction that reads one committed state.
  func read<Value>(_ body: (PostgresTransaction) throws -> Value) -> Result<Value, DriverError> {
    repeating { connection throws(DriverError) in
      connection.begin("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
      let value = try Self.run(body, on: connection)
      connection.leave()
      return value
    }
  }

  /// Runs statements as a transaction of their own, which begins and ends with their one round trip.
  func exchange<Value>(
    _ calls: [PostgresCall], _ read: ([PostgresRows]) throws(DriverError) -> Value
  ) -> Result<Value, DriverError> {
    repeating { connection throws(DriverError) in
      let results = try connection.exchangeAlone(calls.map { PostgresStatement($0.text, $0.parameters) })
      return try read(results.map(PostgresRows.init))
    }
  }

  /// Lets the connection go.
  func close() { connection = nil }

  private func repeating<Value>(
    _ transaction: (PostgresConnection) throws(DriverError) -> Value
  ) -> Result<Value, DriverError> {
    var left = Self.tries
    while true {
      left -= 1
      do throws(DriverError) {
        let connection = try connected()
        do throws(DriverError) {
          return .success(try transaction(connection))
        } catch {
          let mayRepeat = connection.mayRepeat
          connection.rollback()
          if connection.isLost { self.connection = nil }
          if !mayRepeat || left == 0 { throw error }
        }
      } catch {
        return .failure(error)
      }
    }
  }

  private static func run<Value>(
    _ body: (PostgresTransaction) throws -> Value, on connection: PostgresConnection
  ) throws(DriverError) -> Value {
    do { return try body(PostgresTransaction(connection)) } catch { throw PostgresTransaction.typed(error) }
  }

  private func connected() throws(DriverError) -> PostgresConnection {
    if let connection { return connection }
    try backoff.check()
    do throws(DriverError) {
      let new = try PostgresConnection(configuration)
      backoff.succeeded()
      connection = new
      return new
    } catch {
      backoff.failed(error)
      throw error
    }
  }
}
