import Logging
import WorkerKit

/// The waits of a loop whose store or queue does not answer: exponential with full jitter, never above 10 s.
struct LoopRetries {
  private static let policy = RetryPolicy(initial: .milliseconds(100), longest: .seconds(10))

  let environment: Environment
  private var failures = 0

  init(environment: Environment) { self.environment = environment }

  /// Does a pass and sleeps for an interval, again and again until the task is cancelled. A pass that fails is logged
  /// and tried again after a growing wait.
  static func run(
    every interval: Duration, environment: Environment, log: Logger, orLog message: Logger.Message,
    _ pass: () async throws(DriverError) -> Void
  ) async {
    var retries = LoopRetries(environment: environment)
    while !Task.isCancelled {
      do throws(DriverError) {
        try await pass()
        retries.reset()
        try? await environment.time.sleep(for: interval)
      } catch {
        log.log(.warning, message, error.logFields)
        await retries.wait()
      }
    }
  }

  /// Forgets the failures, since a pass went well.
  mutating func reset() { failures = 0 }

  /// Waits before the next attempt; shorter when the task is cancelled.
  mutating func wait() async {
    failures += 1
    let length = Self.policy.wait(
      after: failures, chance: environment.random.unit(), atLeast: .milliseconds(10))
    try? await environment.time.sleep(for: length)
  }
}

extension DriverError {
  /// The error as the fields of a log line.
  var logFields: [LogKey: String] { [.errorCode: code, .errorDetail: detail] }
}
