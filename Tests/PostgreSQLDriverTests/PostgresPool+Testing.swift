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
}
