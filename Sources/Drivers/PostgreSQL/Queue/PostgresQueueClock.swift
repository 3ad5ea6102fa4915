import WorkerKit

/// By which time delays and leases run.
package enum PostgresQueueClock: Sendable {
  /// The server's own, the same for every host.
  case server
  /// Milliseconds that a test gives with every call, so that it can let hours pass.
  case given(@Sendable () -> Int64)

  /// The time, in a statement whose first parameter is `parameter`.
  static let now = "coalesce($1::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)"

  /// What a statement is told: nothing, or the time.
  var parameter: PostgresValue {
    switch self {
    case .server: .null
    case .given(let now): .integer(now())
    }
  }
}
