internal import Synchronization
public import WorkerKit

/// Drains the outbox of a database: takes what `millrace.emit` has left there, and hands it over in the transaction
/// that deletes it. Several processes may drain one outbox.
public final class PostgresOutbox: Sendable {
  private let pool: PostgresPool
  private let environment: Environment
  private let state = Mutex(State())

  private struct State {
    var bounds = OutboxBounds()
    var nextWhole: Duration?
  }

  /// How often the outbox is looked at from its beginning, whatever is known of it: what another process had taken and
  /// gave back in dying becomes visible again without a sign.
  private static let wholeInterval: Duration = .seconds(30)

  /// What one call has done.
  public struct Drained: Sendable, Hashable {
    /// How many entries were taken; as many as were asked for means that there may be more.
    public let taken: Int
    /// How many of them could not be read as an event, and were put aside.
    public let refused: Int
  }

  /// A drainer for the outbox in the pool's database.
  public init(pool: PostgresPool, environment: Environment) {
    self.pool = pool
    self.environment = environment
  }

  /// Takes up to `limit` entries, oldest first.
  /// - Parameters:
  ///   - limit: How many at most.
  ///   - refusal: Why an event may not come in, a schema that it breaks for instance; nil where it may.
  ///   - record: Keeps the events, in the transaction that takes them from the outbox; called again where that
  ///     transaction has to be done again, and not called where there is nothing to keep.
  public func drain(
    limit: Int = 500, refusal: @escaping @Sendable (EventEnvelope) -> String? = { _ in nil },
    record: @escaping @Sendable (PostgresTransaction, [EventEnvelope]) throws -> Void
  ) async throws(DriverError) -> Drained {
    let now = environment.time.now
    let bounds = currentBounds()
    let taken = try await pool.write { transaction in
      let batch = try OutboxBatch.take(limit, within: bounds, transaction)
      let sorted = batch.sorted(now: now, refusal: refusal)
      if !sorted.events.isEmpty { try record(transaction, sorted.events) }
      if !sorted.refused.isEmpty { try OutboxBatch.putAside(sorted.refused, transaction) }
      return (batch: batch, refused: sorted.refused.count)
    }
    state.withLock {
      $0.bounds.take(from: taken.batch.first, through: taken.batch.last, running: taken.batch.running)
    }
    return Drained(taken: taken.batch.entries.count, refused: taken.refused)
  }

  private func currentBounds() -> OutboxBounds {
    let now = environment.time.monotonic
    return state.withLock { state in
      if let next = state.nextWhole, now < next { return state.bounds }
      state.bounds.reset()
      state.nextWhole = now + Self.wholeInterval
      return state.bounds
    }
  }
}
