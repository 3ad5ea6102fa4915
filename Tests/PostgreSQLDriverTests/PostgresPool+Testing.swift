import PostgreSQLDriver
import TestPostgres
import WorkerKit

extension PostgresPool {
  /// Runs `body` with a pool on a database, and closes the pool.
  static func with<Value>(
    _ url: String, change: (inout PostgresConfiguration) -> Void = { _ in },
    _ body: (PostgresPool) async throws -> Value
  ) async throws -> Value {
    var configuration = try PostgresConfiguration(url)
    change(&configuration)
    let pool = PostgresPool(configuration: configuration)
    let result: Result<Value, any Error>
    do { result = .success(try await body(pool)) } catch { result = .failure(error) }
    await pool.close()
    return try result.get()
  }

  /// Writes as soon as the server can be reached again.
  @discardableResult
  func writeOnceReachable<Value: Sendable>(
    _ body: @escaping @Sendable (PostgresTransaction) throws -> Value
  ) async throws -> Value {
    while true {
      try Task.checkCancellation()
      do throws(DriverError) { return try await write(body) } catch {
        guard error.kind == .unavailable else { throw error }
        await Task.yield()
      }
    }
  }
}
