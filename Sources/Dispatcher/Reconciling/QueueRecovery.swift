public import WorkerKit

/// Reads what is paused and limited now, as the store has it.
public typealias ControlsReader = @Sendable () async throws(DriverError) -> QueueControls

/// Opens a queue in the store's epoch, and fills one that has lost its entries.
public struct QueueRecovery: Sendable {
  private let store: any JobStore
  private let queue: any JobQueue
  private let courier: Courier
  private let controls: ControlsReader

  /// How many jobs one page of a refill holds.
  static let page = 500

  /// Recovers `queue` from `store`; `controls` says what is paused and limited.
  public init(store: any JobStore, queue: any JobQueue, controls: @escaping ControlsReader = { QueueControls() }) {
    self.store = store
    self.queue = queue
    self.controls = controls
    courier = Courier(store: store, queue: queue)
  }

  /// Leaves a queue as it is that is open in the store's epoch, and fills it where that was not done in this epoch, or
  /// was interrupted. One that is not open in it begins a new epoch: it has lost what it was filled with, or is another
  /// server than the one at which the epoch was begun. Open in one epoch, two servers would each have a part of the
  /// jobs, and the one that stays would never hear of the other's.
  public func open() async throws(DriverError) {
    let (epoch, isFilled) = (try await store.epoch(), try await store.isFilled())
    guard try await queue.isOpen(in: epoch) else { return try await beginEpoch() }
    if store.movesQueue {
      guard try await opens(epoch) else { return try await beginEpoch() }
    } else {
      // Told, and not opened: an opening that comes late would open a server that has been emptied meanwhile, in an
      // epoch that was filled.
      try await queue.project(try await controls())
    }
    if !isFilled { try await fillQueue(in: epoch) }
  }

  /// Opens and fills a queue that has lost its entries, or whose filling was interrupted.
  /// - Returns: True where that was so.
  public func recoverIfLost() async throws(DriverError) -> Bool {
    let epoch = try await store.epoch()
    if try await queue.isOpen(in: epoch), try await store.isFilled() { return false }
    try await open()
    return true
  }

  /// Begins a new epoch, because the queue or the store may have gone back in time: every lease is void, and every live
  /// job is pushed again.
  public func beginEpoch() async throws(DriverError) {
    // A store that was put back counts once more through epochs that the queue has been in: what the queue has of them
    // is not what the store means, the very one that it is in included.
    var epoch: Epoch
    repeat {
      epoch = try await store.advanceEpoch()
      if !store.movesQueue, try await queue.isOpen(in: epoch) { epoch = try await store.advanceEpoch() }
    } while try await !opens(epoch)
    try await fillQueue(in: epoch)
  }

  /// Opens an epoch; false where the queue is in a newer one, or has lost this one.
  private func opens(_ epoch: Epoch) async throws(DriverError) -> Bool {
    let known = try await controls()
    do throws(DriverError) { try await queue.open(epoch, under: known) } catch {
      guard error.kind == .refused else { throw error }
      return false
    }
    // What changed meanwhile may have been told to the queue before it forgot everything.
    let newest = try await controls()
    if newest != known { try await queue.project(newest) }
    return try await queue.isOpen(in: epoch)
  }

  /// Pushes every job that the queue should hold in `epoch`, page by page, for as long as no other epoch begins: that
  /// is filled by whoever began it, or by the next reconciler. What the queue holds already stays as it is.
  /// - Returns: How many entries were handed over; zero where the store pushes by itself.
  @discardableResult
  public func fillQueue(in epoch: Epoch) async throws(DriverError) -> Int {
    var (cursor, handedOver) = (JobID?.none, 0)
    repeat {
      let page = try await store.refill(in: epoch, after: cursor, limit: Self.page)
      try await courier.deliver(page.handoff)
      handedOver += page.handoff?.entries.count ?? 0
      cursor = page.next
    } while cursor != nil
    return handedOver
  }
}
