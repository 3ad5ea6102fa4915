import ArgumentParser
import RedisDriver
import WorkerKit

/// Whether a process takes events from a stream beside the queue, and from which.
struct StreamOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "With a queue in Redis, its stream to take events from; \(RedisStreamKeys.standard.stream) where none is named.",
      valueName: "name"))
  var eventStream: String?
  @Flag(help: "Take no events from a Redis stream.")
  var noEventStream = false

  func validate() throws {
    if eventStream != nil, noEventStream {
      throw ValidationError("--event-stream goes with no --no-event-stream.")
    }
  }

  /// The servers, with the stream that is to be read.
  func added(to servers: StoreServers?) throws(CommandError) -> StoreServers? {
    guard var servers else {
      if eventStream != nil {
        throw .usage("There is a stream and no queue: add --database and --queue, or take away --event-stream.")
      }
      return nil
    }
    guard servers.queue.redis != nil else {
      if eventStream != nil {
        throw .usage("There is a stream and no Redis: add --queue redis://host:6379/0, or take away --event-stream.")
      }
      return servers
    }
    servers.stream = noEventStream ? nil : try Self.keys(eventStream)
    return servers
  }

  /// The stream of that name, or the standard one.
  static func keys(_ name: String?) throws(CommandError) -> RedisStreamKeys {
    guard let name else { return .standard }
    do throws(DriverError) { return try RedisStreamKeys(stream: name) } catch { throw .usage(error.message) }
  }
}
