import Synchronization

/// Notes the events that plans emit during one call of the store, so that their spans can be sent once it is done.
public final class EmissionLog: Sendable {
  private let events = Mutex<[RunID: [EventID: EventEnvelope]]>([:])

  /// The same planner, with its events noted.
  public func noting(_ plan: @escaping SettlePlanner) -> SettlePlanner {
    { run in
      let next = try plan(run)
      if !next.emits.isEmpty {
        self.events.withLock { $0[run.id] = Dictionary(next.emits.map { ($0.id, $0) }) { first, _ in first } }
      }
      return next
    }
  }

  /// The event of this id that the run emitted; nil where it did not, or where it was taken already.
  func take(_ id: EventID, of run: RunID) -> EventEnvelope? { events.withLock { $0[run]?.removeValue(forKey: id) } }
}
