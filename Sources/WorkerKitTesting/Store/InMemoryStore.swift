public import WorkerKit

/// A store that lives as long as its process, and keeps every promise of `JobStore` but durability.
///
/// Each verb is one step under a lock, and each planner is called before anything is changed, so that a planner that
/// throws leaves the store as it was. It hands over what is to be pushed, as a store beside its queue does.
public final class InMemoryStore: JobStore {
  /// How long after its commit a handoff may be pushed.
  public static let handoffLife = Duration.seconds(30)
  /// How long after its commit a handoff that did not arrive is asked about; later than its last push by a margin.
  public static let handoffOverdue = Duration.seconds(45)

  let environment: Environment
  let state: Monitor<StoreState>

  /// An empty store in the first epoch.
  public init(environment: Environment) {
    self.environment = environment
    state = Monitor(StoreState())
  }

  public var movesQueue: Bool { false }

  public func epoch() async throws(DriverError) -> Epoch { state.withLock { $0.epoch } }

  public func probe() async throws(DriverError) { state.withLock { $0.probes += 1 } }
}
