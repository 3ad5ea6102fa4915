import Synchronization
import WorkerKit

/// Brings what a router has committed to the queue, and holds the router back while that has no room.
///
/// What a queue refuses for want of room is tried again now and then, for as long as it may be pushed; after that it is
/// left to the reconciler, and a single event is routed to see whether there is room.
final class RoutedHandoffs: Sendable {
  /// Whether more may be routed.
  enum Way: Hashable {
    case open, closed
    /// One event, to see whether there is room.
    case single
  }

  private struct Refusal {
    /// What was refused; nil once it may no longer be pushed.
    var handoff: Handoff?
    var triesAgainAt: Duration
  }

  private let courier: Courier
  private let pressure: BackPressure?
  private let time: any TimeSource
  private let refusal = Mutex<Refusal?>(nil)

  /// How long after a refusal the next try follows.
  static let pause = Duration.seconds(1)

  init(courier: Courier, pressure: BackPressure?, time: any TimeSource) {
    self.courier = courier
    self.pressure = pressure
    self.time = time
  }

  /// Says whether more may be routed; tries again what was refused, where it is time to.
  func way() async throws(DriverError) -> Way {
    guard let last = refusal.withLock({ $0 }) else { return .open }
    guard time.monotonic >= last.triesAgainAt else { return .closed }
    guard let handoff = last.handoff, time.now < handoff.notAfter else {
      refusal.withLock { $0?.handoff = nil }
      return .single
    }
    try await deliver(handoff)
    return refusal.withLock { $0 == nil } ? .open : .closed
  }

  /// Notes that nothing waits that could show whether there is room: what comes next will.
  func noteNothingWaits() {
    let isOver = refusal.withLock { refusal in
      guard let last = refusal, last.handoff == nil else { return false }
      refusal = nil
      return true
    }
    if isOver { pressure?.note(isOutOfRoom: false) }
  }

  /// Pushes a handoff, or keeps it where there is no room.
  func deliver(_ handoff: Handoff?) async throws(DriverError) {
    guard let handoff else { return }
    do throws(DriverError) {
      try await courier.deliver(handoff)
      refusal.withLock { $0 = nil }
      pressure?.note(isOutOfRoom: false)
    } catch {
      guard error.kind == .full else { throw error }
      refusal.withLock { $0 = Refusal(handoff: handoff, triesAgainAt: time.monotonic + Self.pause) }
      pressure?.note(isOutOfRoom: true)
    }
  }
}
