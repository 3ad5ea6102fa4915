internal import Synchronization
public import WorkerKit

extension PostgresOutbox {
  /// Takes up to `limit` entries, oldest first, and records them in a store in the same database.
  /// - Parameters:
  ///   - store: Where the events go.
  ///   - limit: How many at most.
  ///   - refusal: Why an event may not come in, a schema that it breaks for instance; nil where it may.
  public func drain(
    into store: PostgresStore, limit: Int = 500,
    refusal: @escaping @Sendable (EventEnvelope) -> String? = { _ in nil }
  ) async throws(DriverError) -> Drained {
    let last = GreatestNumber()
    let drained = try await drain(limit: limit, refusal: refusal) { transaction, events in
      last.raise(to: try store.recordCounting(events, in: transaction).last)
    }
    await store.preparePartitions(for: last.value)
    return drained
  }
}

/// The greatest of the numbers that several threads name.
private final class GreatestNumber: Sendable {
  private let number = Mutex<Int64>(0)

  var value: Int64 { number.withLock { $0 } }

  func raise(to candidate: Int64) { number.withLock { $0 = max($0, candidate) } }
}
