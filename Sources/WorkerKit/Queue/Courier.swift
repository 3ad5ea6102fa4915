/// Brings what a store has committed to the queue, and tells the store that it arrived.
///
/// Both steps may be lost: the store keeps the handoff until it hears of it, and one that is overdue is asked about.
public struct Courier: Sendable {
  private let store: any JobStore
  private let queue: any JobQueue

  /// Carries from `store` to `queue`.
  public init(store: any JobStore, queue: any JobQueue) {
    self.store = store
    self.queue = queue
  }

  /// Pushes a handoff. One that was refused, because its time or its epoch is over, is left to the reconciler.
  public func deliver(_ handoff: Handoff?) async throws(DriverError) {
    guard let handoff else { return }
    let answers = try await queue.push(handoff)
    if !answers.contains(.refused) { try await store.arrived([handoff.id]) }
  }
}
