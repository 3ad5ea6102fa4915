import ArgumentParser
import RedisDriver
import WorkerKit

/// Which event stream a command is about, and on which server.
struct StreamPlace: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The Redis server of the stream; or MILLRACE_QUEUE_URL, which others cannot see.", valueName: "url"))
  var queue: String?
  @Option(
    help: ArgumentHelp("The stream; \(RedisStreamKeys.standard.stream) where none is named.", valueName: "name"))
  var eventStream: String?

  /// Talks to the dead letters of the stream, and hangs up.
  func run<Value: Sendable>(
    _ body: (RedisDeadLetters) async throws(DriverError) -> Value
  ) async throws(CommandError) -> Value {
    guard let url = queue ?? EnvironmentVariable.queue.value else {
      throw .usage("Say which Redis server: --queue redis://host:6379/0, or MILLRACE_QUEUE_URL.")
    }
    let keys = try StreamOptions.keys(eventStream)
    let address: RedisAddress
    do throws(DriverError) { address = try RedisAddress(url: url) } catch { throw .usage(error.description) }
    let letters = RedisDeadLetters(RedisSettings(address), keys: keys, environment: .system)
    let result: Result<Value, DriverError>
    do throws(DriverError) { result = .success(try await body(letters)) } catch { result = .failure(error) }
    await letters.close()
    do throws(DriverError) { return try result.get() } catch { throw Self.failure(error) }
  }

  private static func failure(_ error: DriverError) -> CommandError {
    let isAway = ["redis_unreachable", "redis_timeout", "redis_sentinels", "redis_failover"].contains(error.code)
    return CommandError(reason: isAway ? .unreachable : .failed, message: error.description)
  }
}
