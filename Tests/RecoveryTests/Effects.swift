import Synchronization
import WorkerKit

/// What the workers of a test have done, written down by themselves and not through the store.
final class Effects: Sendable {
  /// One execution of a worker.
  struct Effect: Sendable {
    let authority: Authority
    let startedAt: Timestamp
  }

  private struct State {
    var effects: [Effect] = []
    /// Jobs of the last stage that a worker has come to the end of.
    var completed: Set<JobID> = []
  }

  /// Raised at each effect.
  let changes = Signal()
  private let state = Mutex(State())

  /// Every execution so far, in the order of their beginning.
  var all: [Effect] { state.withLock { $0.effects } }
  /// How many jobs of the last stage were done at least once.
  var completed: Int { state.withLock { $0.completed.count } }

  func begin(_ context: WorkerContext) {
    let effect = Effect(authority: context.authority, startedAt: context.environment.time.now)
    state.withLock { $0.effects.append(effect) }
    changes.raise()
  }

  func end(_ context: WorkerContext) {
    if context.stage == RecoveryPipeline.last { state.withLock { _ = $0.completed.insert(context.job) } }
    changes.raise()
  }
}
