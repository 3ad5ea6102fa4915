/// What drives the lease keeper: an executor of its own, outside Swift's cooperative pool, and a beat.
///
/// A worker that blocks every thread of the pool for a minute then loses no lease. Drivers offer one made of a thread;
/// tests offer one that beats on demand.
public protocol LeaseTicker: TaskExecutor {
  /// Returns at the next beat.
  func nextTick() async
}
