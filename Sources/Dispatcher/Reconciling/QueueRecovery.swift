public import WorkerKit

/// Opens a queue in the store's epoch, and fills one that has lost its entries.
public struct QueueRecovery: Sendable {
  private let store: any JobStore
  private let queue: any JobQueue
  private let courier: Courier

  /// How many jobs one page of a refill holds.
  static let page = 500

  /// Recovers `queue` from `store`.
  public init(store: any JobStore, queue: any JobQueue) {
    self.store = store
    self.queue = queue
    courier = Courier(store: store, queue: queue)
  }

  /// Opens the queue in the store's epoch, which empties it where it was in another, and fills it where that was not
  /// done in this epoch, or was interrupted.
  public func open() async throws(DriverError) {
    try await queue.open(store.epoch())
    if try await !store.isFilled() { try await fillQueue() }
  }

  /// Begins a new epoch, because the queue or the store may have gone back in time: every lease is void, and every live
  /// job is pushed again.
  public func beginEpoch() async throws(DriverError) {
    try await queue.open(store.advanceEpoch())
    try await fillQueue()
  }

  /// Pushes every job that the queue should hold, page by page. What it holds already stays as it is.
  /// - Returns: How many entries were handed over; zero where the store pushes by itself.
  @discardableResult
  public func fillQueue() async throws(DriverError) -> Int {
    var (cursor, handedOver) = (JobID?.none, 0)
    repeat {
      let page = try await store.refill(after: cursor, limit: Self.page)
      try await courier.deliver(page.handoff)
      handedOver += page.handoff?.entries.count ?? 0
      cursor = page.next
    } while cursor != nil
    return handedOver
  }
}
