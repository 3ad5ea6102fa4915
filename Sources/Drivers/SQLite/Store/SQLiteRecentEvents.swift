import Synchronization
import WorkerKit

/// Events that this process has just committed: routed a moment later, they need not be read and parsed again.
///
/// A convenience alone. What is not here, or was recorded by another process, is read from the file.
final class SQLiteRecentEvents: Sendable {
  private let events = Mutex<[Int64: EventEnvelope]>([:])

  /// The most events that are kept; what is more is left to the file.
  private static let capacity = 2_000
  /// The largest event that is kept, in bytes of its JSON.
  private static let largest = 4096

  /// Keeps committed events under their numbers, as far as there is room.
  func keep(_ committed: some Sequence<(sequence: Int64, event: EventEnvelope, bytes: Int)>) {
    events.withLock { events in
      for (sequence, event, bytes) in committed where bytes <= Self.largest && events.count < Self.capacity {
        events[sequence] = event
      }
    }
  }

  /// Takes an event out; nil where it is not here.
  func take(_ sequence: Int64) -> EventEnvelope? { events.withLock { $0.removeValue(forKey: sequence) } }

  /// Forgets events up to `bound`, which another has routed.
  func forget(upTo bound: Int64) {
    events.withLock { events in
      guard !events.isEmpty else { return }
      events = events.filter { $0.key > bound }
    }
  }
}
