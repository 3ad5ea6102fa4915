internal import Synchronization
public import WorkerKit

/// Durable facts in a PostgreSQL database: the store of a production set-up. Its queue is elsewhere, so that what is to
/// be pushed is handed over.
///
/// Every verb is one transaction of few statements, whatever the size of its batch. Locks are taken in this order, and
/// within each kind by number: the epoch, keys of ordering, runs, jobs. What cannot keep to it, because a plan asks for
/// it late, may meet a deadlock, after which the pool does the transaction again.
public final class PostgresStore: JobStore {
  let pool: PostgresPool
  let environment: Environment
  /// Up to which event there are partitions, as far as this process knows.
  let partitioned = Mutex<Int64>(0)
  /// From where to look for events that wait.
  let unrouted = UnroutedBounds()
  let recorder = PostgresRecorder()
  /// What this process has loaded and not settled.
  let loaded = LoadedJobs()

  /// A store in the database of `pool`, whose tables are there.
  public init(pool: PostgresPool, environment: Environment) {
    self.pool = pool
    self.environment = environment
  }

  /// False: what is to be pushed is handed over.
  public var movesQueue: Bool { false }

  /// A write at one moment.
  func write<Value: Sendable>(
    _ body: @escaping @Sendable (PostgresTransaction, Timestamp) throws -> Value
  ) async throws(DriverError) -> Value {
    let now = environment.time.now
    return try await pool.write { transaction in try body(transaction, now) }
  }
}
