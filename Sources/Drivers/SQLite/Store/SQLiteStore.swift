public import WorkerKit

/// Durable facts in one SQLite file: the embedded default.
///
/// With a queue in the same file (`SQLiteEmbedded`), settling and finishing, and creating and pushing, are one
/// transaction; without one, the store hands over what is to be pushed, as a store on a server does.
public final class SQLiteStore: JobStore {
  let database: SQLiteDatabase
  let environment: Environment
  let recent = SQLiteRecentEvents()
  /// Raised when jobs are pushed in the file; nil where the queue is elsewhere.
  let pushes: Signal?

  /// A store whose queue is elsewhere.
  public convenience init(database: SQLiteDatabase, environment: Environment) {
    self.init(database: database, environment: environment, pushes: nil)
  }

  init(database: SQLiteDatabase, environment: Environment, pushes: Signal?) {
    self.database = database
    self.environment = environment
    self.pushes = pushes
  }

  public var movesQueue: Bool { pushes != nil }

  /// A write that may push, or give back slots, in the file.
  func write<Value: Sendable>(
    _ body: @escaping @Sendable (SQLiteTransaction, SQLiteHandover) throws -> Value
  ) async throws(DriverError) -> Value {
    let (moment, coupled) = (SQLiteMoment(environment.time), movesQueue)
    let (value, isNews) = try await database.write { transaction in
      let handover = try SQLiteHandover(transaction: transaction, moment: moment, movesQueue: coupled)
      return (try body(transaction, handover), handover.news.isThere)
    }
    if isNews { pushes?.raise() }
    return value
  }
}

/// The embedded pair: store and queue in one file.
public struct SQLiteEmbedded: Sendable {
  public let database: SQLiteDatabase
  public let store: SQLiteStore
  public let queue: SQLiteQueue

  /// Opens the file at `path` as store and queue.
  public init(path: String, environment: Environment) throws(DriverError) {
    self.init(database: try SQLiteDatabase(path: path), environment: environment)
  }

  /// Uses an open file as store and queue.
  public init(database: SQLiteDatabase, environment: Environment) {
    let pushes = Signal()
    self.database = database
    store = SQLiteStore(database: database, environment: environment, pushes: pushes)
    queue = SQLiteQueue(database: database, environment: environment, pushes: pushes)
  }
}
