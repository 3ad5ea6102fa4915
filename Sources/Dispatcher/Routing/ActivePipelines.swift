import Synchronization
public import WorkerKit

/// The pipelines that start runs now. Routers ask for them event by event, so that a new set counts from the next.
public final class ActivePipelines: Sendable {
  private struct State: Sendable {
    var set = PipelineSet()
    var number: Int64 = 0
  }

  private let state = Mutex(State())
  private let library: PipelineLibrary
  /// Raised when other pipelines are active than before.
  public let changed = Signal()

  /// No pipelines yet. Whatever becomes active is kept in `library`, for the runs that it starts.
  public init(library: PipelineLibrary) { self.library = library }

  /// The active pipelines.
  public var set: PipelineSet { state.withLock { $0.set } }

  /// The number of the activation that they come from; 0 before there was one.
  public var number: Int64 { state.withLock { $0.number } }

  /// Both, as they belong together.
  public var current: (set: PipelineSet, number: Int64) { state.withLock { ($0.set, $0.number) } }

  /// True when nothing is active, so that no event may be routed: it would start nothing, for good.
  public var isEmpty: Bool { self.set.pipelines.isEmpty }

  /// The queues that the active stages name, sorted.
  public var queues: [QueueName] { Set(self.set.pipelines.values.flatMap(\.stages).compactMap(\.queue)).sorted() }

  /// Makes other pipelines the active ones.
  public func replace(with set: PipelineSet, number: Int64) {
    library.add(set)
    state.withLock { $0 = State(set: set, number: number) }
    changed.raise()
  }

  /// Calls `body` now and after each change, until the task is cancelled.
  public func forEach(_ body: @Sendable (PipelineSet) -> Void) async {
    while !Task.isCancelled {
      let seen = changed.count
      body(self.set)
      await changed.wait(after: seen)
    }
  }

  /// Plans the runs of events by what is active at that moment. Without any pipeline it throws, and the event waits.
  public func routePlanner(_ planner: Planner) -> RoutePlanner {
    { event in
      let set = self.set
      guard !set.pipelines.isEmpty else {
        throw DriverError(.unavailable, "no_pipelines", "No pipeline is active; events wait until one is.")
      }
      return try planner.route(event, pipelines: set)
    }
  }
}
