import ArgumentParser
import PostgreSQLDriver
import RedisDriver
import WorkerKit

/// Where a process finds store and queue: on servers, or in its data folder where none are named.
struct StoreOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A PostgreSQL database for the store, with --queue; or MILLRACE_DATABASE_URL, which others cannot see.",
      valueName: "url"))
  var database: String?
  @Option(
    help: ArgumentHelp(
      "A Redis server for the queue, with --database; or MILLRACE_QUEUE_URL, which others cannot see.",
      valueName: "url"))
  var queue: String?

  /// The servers; nil where neither is named.
  /// - Throws: A `CommandError` where only one is named, or an address cannot be read.
  func servers() throws(CommandError) -> StoreServers? {
    switch (database ?? EnvironmentVariable.database.value, queue ?? EnvironmentVariable.queue.value) {
    case (nil, nil): return nil
    case (let database?, let queue?): return try StoreServers(database: database, queue: queue)
    case (_?, nil):
      throw .usage(
        "There is a database and no queue: add --queue redis://host:6379/0 or MILLRACE_QUEUE_URL, "
          + "or take away --database and MILLRACE_DATABASE_URL.")
    case (nil, _?):
      throw .usage(
        "There is a queue and no database: add --database postgres://user@host/name or MILLRACE_DATABASE_URL, "
          + "or take away --queue and MILLRACE_QUEUE_URL.")
    }
  }
}

/// The servers of a store and its queue.
struct StoreServers: Sendable {
  let database: PostgresConfiguration
  let queue: RedisSettings
  /// The stream that events are taken from; nil for a process that takes none.
  var stream: RedisStreamKeys?
  /// What another process of this program has to be told, among its variables.
  let variables: [String: String]

  /// Reads both addresses.
  init(database: String, queue: String) throws(CommandError) {
    do throws(DriverError) {
      self.database = try PostgresConfiguration(database)
      self.queue = RedisSettings(try RedisAddress(url: queue))
    } catch {
      throw .usage(error.description)
    }
    variables = [EnvironmentVariable.database.rawValue: database, EnvironmentVariable.queue.rawValue: queue]
  }
}
