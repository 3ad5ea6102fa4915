internal import Synchronization
public import WorkerKit

extension PostgresOutbox {
  /// Takes up to `limit` entries and records them as events of the store, which is in the same database.
  /// - Parameter refusal: Why an event may not come in, such as a schema that it breaks; nil where it may.
  public func drain(
    into store: PostgresStore, limit: Int = 500,
    refusal: @escaping @Sendable (EventEnvelope) -> String? = { _ in nil }
  ) async throws(DriverError) -> Drained {
    let newest = NewestEvent()
    let drained = try await drain(limit: limit, refusal: refusal) { [environment = store.environment] in
      let encoded = $1.map { (envelope: $0, bytes: $0.bytes) }
      let kept = try $0.rows(PostgresEvents.insertion(encoded, at: environment.time.now))
      for row in 0..<kept.count { newest.note(kept.integer(row, 1)) }
    }
    await store.preparePartitions(for: newest.number)
    return drained
  }
}

/// The largest number that a transaction's body has given an event.
private final class NewestEvent: Sendable {
  private let state = Mutex<Int64>(0)

  var number: Int64 { state.withLock { $0 } }

  func note(_ number: Int64) { state.withLock { $0 = max($0, number) } }
}
