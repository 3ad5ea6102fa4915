import ProcessDriver
import Synchronization
import WorkerKit

/// The processes by their walls: those of one set of walls are no use for another, since no process can widen its own.
final class IsolatedPools: Sendable {
  fileprivate struct Entry {
    let pool: ChildPool
    var calls = 0
    var lastUse: UInt64
  }

  fileprivate struct State {
    var entries: [IsolationPolicy: Entry] = [:]
    var uses: UInt64 = 0
  }

  /// How many sets of walls keep their processes between jobs.
  fileprivate static let kept = 16

  private let state = Mutex(State())
  private let make: @Sendable (IsolationPolicy) -> ChildPool

  init(make: @escaping @Sendable (IsolationPolicy) -> ChildPool) { self.make = make }

  /// The processes with these walls, until `giveBack`. Those that nobody has used for longest end where there are many.
  func take(_ policy: IsolationPolicy) async -> ChildPool {
    let (pool, idle) = state.withLock { state in
      state.uses += 1
      var entry = state.entries[policy] ?? Entry(pool: make(policy), lastUse: 0)
      entry.calls += 1
      entry.lastUse = state.uses
      state.entries[policy] = entry
      return (entry.pool, state.takeIdle())
    }
    await idle?.close()
    return pool
  }

  func giveBack(_ policy: IsolationPolicy) {
    state.withLock { $0.entries[policy]?.calls -= 1 }
  }

  func close() async {
    for pool in state.withLock({ $0.entries.values.map(\.pool) }) { await pool.close() }
  }
}

extension IsolatedPools.State {
  fileprivate mutating func takeIdle() -> ChildPool? {
    guard entries.count > IsolatedPools.kept else { return nil }
    let idle = entries.filter { $0.value.calls == 0 }.min { $0.value.lastUse < $1.value.lastUse }
    return idle.flatMap { entries.removeValue(forKey: $0.key) }?.pool
  }
}
