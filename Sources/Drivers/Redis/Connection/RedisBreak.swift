import WorkerKit

/// A connection that cannot be used any more.
struct RedisBreak: Error {
  let error: DriverError
  /// True where the server had closed it, so that a new one may do at once.
  let mayReconnect: Bool
}
