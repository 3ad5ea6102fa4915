import WorkerKit

/// By which time delays and leases run.
package enum RedisClock: Sendable {
  /// The server's own, the same for every host.
  case server
  /// Milliseconds that a test gives with every call, so that it can let hours pass.
  case given(@Sendable () -> Int64)

  /// What a function is told: nothing, or the time.
  var argument: String {
    switch self {
    case .server: ""
    case .given(let now): String(now())
    }
  }

  /// The moment on this clock that is `length` from now, as far as a host can tell.
  func moment(in length: Duration, _ session: RedisSession, _ time: any TimeSource) -> Int64 {
    let now =
      switch self {
      case .server: session.time(at: time.monotonic)
      case .given(let now): now()
      }
    return now.addingReportingOverflow(length.milliseconds).partialValue
  }
}
