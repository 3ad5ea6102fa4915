import WorkerKit

/// What tests of several servers have in common.
enum HighAvailability {
  /// Asks again for as long as a server is away.
  static func patiently<Value>(_ body: () async throws(DriverError) -> Value) async throws -> Value {
    while true {
      try Task.checkCancellation()
      do throws(DriverError) { return try await body() } catch {
        guard error.isTransient else { throw error }
        try await Environment.system.time.sleep(for: .milliseconds(50))
      }
    }
  }
}
