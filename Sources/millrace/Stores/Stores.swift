import AutosaveWorker
import Dispatcher
import Logging
import PostgreSQLDriver
import RedisDriver
import SQLiteDriver
import WorkerKit

/// An open pair of store and queue, with what belongs to it: all that a process has to know of where things are kept.
struct Stores: Sendable {
  /// The store.
  let store: any JobStore
  /// The queue.
  let queue: any JobQueue
  /// Where `autosave.persist` keeps revisions.
  let shelf: any RevisionShelf
  /// Waits for the servers; nil where there are none.
  let gate: ServerGate?
  /// Which queue is in force; nil where there is but one.
  let choice: QueueChoice?
  /// Takes up to so many entries from the outbox, refusing what breaks a schema; nil where there is no outbox.
  let drain: (@Sendable (Int, PipelineLibrary) async throws(DriverError) -> OutboxLoop.Look)?
  /// What others send events by; nil where there is none, or others see to it.
  let stream: (any EventStream)?
  /// What a person reads of it.
  let description: String
  private let letGo: @Sendable () async -> Void

  /// Opens the pair that `servers` name, or else the one in the data folder. Servers are not asked for anything yet.
  static func open(
    data: DataFolder, servers: StoreServers?, environment: Environment, log: Logger
  ) async throws(DriverError) -> Stores {
    guard let servers else { return try await embedded(data, environment) }
    return remote(data, servers, environment, log)
  }

  private static func embedded(_ data: DataFolder, _ environment: Environment) async throws(DriverError) -> Stores {
    let embedded = try SQLiteEmbedded(path: data.database, environment: environment)
    return Stores(
      store: embedded.store, queue: embedded.queue,
      shelf: try await SQLiteRevisionShelf(database: embedded.database), gate: nil, choice: nil, drain: nil,
      stream: nil,
      description: "data: \(data.path)", letGo: { await embedded.database.close() })
  }

  private static func remote(
    _ data: DataFolder, _ servers: StoreServers, _ environment: Environment, _ log: Logger
  ) -> Stores {
    let pool = PostgresPool(configuration: servers.database)
    let store = PostgresStore(pool: pool, environment: environment)
    let outbox = PostgresOutbox(pool: pool, environment: environment)
    let (queue, redis, closeQueue) = Self.queue(servers.queue, pool, environment)
    let choice = QueueChoice(table: PostgresQueueChoice(pool: pool), name: servers.queue.name, log: log)
    let stream = servers.stream.flatMap { keys in
      servers.queue.redis.map { RedisEventStream($0, keys: keys, environment: environment) }
    }
    return Stores(
      store: store, queue: ChosenQueue(queue, choice: choice), shelf: PostgresRevisionShelf(pool: pool),
      gate: ServerGate(servers: servers, redis: redis, environment: environment, log: log), choice: choice,
      drain: { limit, library async throws(DriverError) in
        let schemas = library.schemas
        let drained = try await outbox.drain(into: store, limit: limit) { event in
          schemas.violations(of: event).first.map { "\($0.pointer) \($0.keyword): \($0.expectation)" }
        }
        return OutboxLoop.Look(taken: drained.taken, refused: drained.refused)
      },
      stream: stream,
      description: "data: \(data.path), database: \(servers.database), queue: \(servers.queue)",
      letGo: {
        await stream?.close()
        await closeQueue()
        await pool.close()
      })
  }

  /// The queue at its place, also as what it is where that is Redis.
  private static func queue(
    _ place: QueuePlace, _ pool: PostgresPool, _ environment: Environment
  ) -> (queue: any JobQueue, redis: RedisQueue?, close: @Sendable () async -> Void) {
    switch place {
    case .redis(let settings):
      let queue = RedisQueue(settings, environment: environment)
      return (queue, queue, { await queue.close() })
    case .postgres:
      let queue = PostgresQueue(pool: pool, environment: environment)
      return (queue, nil, { await queue.close() })
    }
  }

  /// Finishes what is under way, and closes files and connections.
  func close() async { await letGo() }
}
