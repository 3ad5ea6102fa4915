internal import FoundationEssentials
public import WorkerKit

/// A clock that stands still until a test moves it.
///
/// `now` and `monotonic` move together, by `advance(by:)` alone; `step(by:)` moves the wall clock only, as an operator
/// or a time server does.
public final class ManualTime: TimeSource {
  private struct State: Sendable {
    var elapsed: Duration = .zero
    var wall: Timestamp
    var sleepers: [UInt64: Duration] = [:]
    var lastSleeper: UInt64 = 0

    var asleep: Int { sleepers.values.count { $0 > elapsed } }
  }

  private let state: Monitor<State>
  public let monotonicOrigin = UUID().uuidString

  /// A clock that shows `start`; 2026-01-01T00:00:00Z by default.
  public init(start: Timestamp = Timestamp(milliseconds: 1_767_225_600_000)) {
    state = Monitor(State(wall: start))
  }

  public var now: Timestamp { state.withLock { $0.wall } }
  public var monotonic: Duration { state.withLock { $0.elapsed } }

  /// Suspends until the clock was advanced by `length` in all; at once where `length` is not positive.
  public func sleep(for length: Duration) async throws {
    let (id, wakeAt) = state.withLock { state in
      state.lastSleeper += 1
      state.sleepers[state.lastSleeper] = state.elapsed + length
      return (state.lastSleeper, state.elapsed + length)
    }
    defer { _ = state.withLock { $0.sleepers.removeValue(forKey: id) } }
    try await state.wait { $0.elapsed >= wakeAt }
  }

  /// Moves both clocks on, and resumes the sleepers whose time has come in the order of their times.
  ///
  /// A resumed task runs later, and may find the clock further on than the moment that it slept until.
  public func advance(by length: Duration) {
    let target = monotonic + length
    while let next = state.withLock({ state in state.sleepers.values.filter { $0 > state.elapsed }.min() }),
      next <= target
    {
      move(to: next)
    }
    move(to: target)
  }

  /// Moves the wall clock only; `length` may be negative.
  public func step(by length: Duration) { state.withLock { $0.wall = $0.wall + length } }

  /// Suspends until at least `count` tasks sleep.
  public func waitForSleepers(_ count: Int = 1) async throws { try await state.wait { $0.asleep >= count } }

  /// Suspends until `count` tasks sleep, no more and no fewer.
  public func waitForSleepers(exactly count: Int) async throws { try await state.wait { $0.asleep == count } }

  /// Suspends until a task sleeps until exactly `moment` of the monotonic clock.
  public func waitForSleeper(until moment: Duration) async throws {
    try await state.wait { $0.sleepers.values.contains(moment) }
  }

  private func move(to moment: Duration) {
    state.withLock { state in
      guard moment > state.elapsed else { return }
      // From the start in one addition, so that lengths below a millisecond add up.
      let wallStart = state.wall.milliseconds - state.elapsed.milliseconds
      state.elapsed = moment
      state.wall = Timestamp(milliseconds: wallStart + moment.milliseconds)
    }
  }
}
