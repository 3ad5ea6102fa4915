import ArgumentParser
import PostgreSQLDriver
import RedisDriver
import WorkerKit

/// Where a process finds store and queue: on servers, or in its data folder where none are named.
struct StoreOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A PostgreSQL database for the store, and for the queue where --queue names no other; or MILLRACE_DATABASE_URL, "
        + "which others cannot see.",
      valueName: "url"))
  var database: String?
  @Option(
    help: ArgumentHelp(
      "With --database, where the queue is: a Redis server's URL, or postgres for the database itself; or "
        + "MILLRACE_QUEUE_URL, which others cannot see.",
      valueName: "url"))
  var queue: String?

  /// The servers; nil where neither is named.
  /// - Throws: A `CommandError` where only the queue is named, or an address cannot be read.
  func servers() throws(CommandError) -> StoreServers? {
    switch (database ?? EnvironmentVariable.database.value, queue ?? EnvironmentVariable.queue.value) {
    case (nil, nil): return nil
    case (let database?, let queue): return try StoreServers(database: database, queue: queue)
    case (nil, _?):
      throw .usage(
        "There is a queue and no database: add --database postgres://user@host/name or MILLRACE_DATABASE_URL, "
          + "or take away --queue and MILLRACE_QUEUE_URL.")
    }
  }
}

/// Where a queue is that is beside a database.
enum QueuePlace: Sendable {
  /// In the database itself.
  case postgres
  /// In a Redis server.
  case redis(RedisSettings)

  /// What `--queue` says instead of an address.
  static let postgresWord = "postgres"

  /// Reads `--queue`.
  init(_ text: String?) throws(DriverError) {
    if let text, text != Self.postgresWord {
      self = .redis(RedisSettings(try RedisAddress(url: text)))
    } else {
      self = .postgres
    }
  }

  /// What tells the two apart for a person.
  var name: String { if case .redis = self { "redis" } else { Self.postgresWord } }

  /// The server's address, where it has one.
  var redis: RedisSettings? { if case .redis(let settings) = self { settings } else { nil } }
}

extension QueuePlace: CustomStringConvertible {
  /// The server's address, or the word.
  var description: String { redis.map { "\($0.address)" } ?? Self.postgresWord }
}

/// The servers of a store and its queue.
struct StoreServers: Sendable {
  let database: PostgresConfiguration
  let queue: QueuePlace
  /// The stream that events are taken from; nil for a process that takes none.
  var stream: RedisStreamKeys?
  /// What another process of this program has to be told, among its variables.
  let variables: [String: String]

  /// Reads both addresses.
  init(database: String, queue: String?) throws(CommandError) {
    do throws(DriverError) {
      self.database = try PostgresConfiguration(database)
      self.queue = try QueuePlace(queue)
    } catch {
      throw .usage(error.description)
    }
    variables = [
      EnvironmentVariable.database.rawValue: database,
      EnvironmentVariable.queue.rawValue: queue ?? QueuePlace.postgresWord,
    ]
  }
}
