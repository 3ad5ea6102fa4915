import DriverThreads
import Synchronization
import WorkerKit

/// Hands out the seats of a pool, first come, first served.
final class PostgresSeats: Sendable {
  private struct State {
    var idle: [PostgresSeat] = []
    var made = 0
    var nextWaiter: UInt64 = 0
    var waiters: [(id: UInt64, continuation: CheckedContinuation<Result<PostgresSeat, DriverError>, Never>)] = []
    var isClosed = false
    var closers: [CheckedContinuation<Void, Never>] = []
  }

  private enum Outcome {
    case seat(PostgresSeat)
    case make
    case refused
  }

  private let limit: Int
  private let waitLimit: Duration
  private let make: @Sendable () -> PostgresSeat
  private let state = Mutex(State())
  /// Ends waits that last too long.
  private let alarms = AlarmThread(name: "postgres-wait")

  static let closed = DriverError(.closed, "postgres_closed", "The connections to the database are closed.")
  static let waitedTooLong = DriverError(
    .unavailable, "postgres_pool",
    "Every connection to the database was in use for too long; try again, or let this process have more.")

  init(limit: Int, waitLimit: Duration, make: @escaping @Sendable () -> PostgresSeat) {
    self.limit = limit
    self.waitLimit = waitLimit
    self.make = make
  }

  deinit { alarms.close() }

  /// A seat that nobody else has; the least recently used ones stay idle.
  func take() async throws(DriverError) -> PostgresSeat {
    switch state.withLock({ takeAtOnce(&$0) }) {
    case .seat(let seat): return seat
    case .make: return make()
    case .refused: throw Self.closed
    case nil: return try await wait().get()
    }
  }

  /// Gives a seat to whoever has waited longest.
  func giveBack(_ seat: PostgresSeat) async {
    let isOver = state.withLock { state in
      if state.waiters.isEmpty {
        if !state.isClosed { state.idle.append(seat) }
        return state.isClosed
      }
      state.waiters.removeFirst().continuation.resume(returning: .success(seat))
      return false
    }
    if isOver { await end([seat]) }
  }

  /// Refuses new callers, and returns when the last seat has ended.
  func close() async {
    let (idle, waiters) = state.withLock { state in
      state.isClosed = true
      defer { (state.idle, state.waiters) = ([], []) }
      return (state.idle, state.waiters)
    }
    for waiter in waiters { waiter.continuation.resume(returning: .failure(Self.closed)) }
    await end(idle)
    await withCheckedContinuation { continuation in
      let hasEnded = state.withLock { state in
        if state.made > 0 { state.closers.append(continuation) }
        return state.made == 0
      }
      if hasEnded { continuation.resume() }
    }
    alarms.close()
  }

  private func takeAtOnce(_ state: inout State) -> Outcome? {
    if state.isClosed { return .refused }
    if let seat = state.idle.popLast() { return .seat(seat) }
    guard state.made < limit else { return nil }
    state.made += 1
    return .make
  }

  private func wait() async -> Result<PostgresSeat, DriverError> {
    await withCheckedContinuation { continuation in
      let (now, waiter) = state.withLock { state -> (Outcome?, UInt64) in
        // A seat may have come back since the caller looked.
        if let outcome = takeAtOnce(&state) { return (outcome, 0) }
        state.nextWaiter += 1
        state.waiters.append((state.nextWaiter, continuation))
        return (nil, state.nextWaiter)
      }
      switch now {
      case .seat(let seat): continuation.resume(returning: .success(seat))
      case .make: continuation.resume(returning: .success(make()))
      case .refused: continuation.resume(returning: .failure(Self.closed))
      case nil: alarms.set(after: waitLimit) { [weak self] in self?.giveUp(waiter) }
      }
    }
  }

  private func giveUp(_ waiter: UInt64) {
    let continuation = state.withLock { state in
      state.waiters.firstIndex { $0.id == waiter }.map { state.waiters.remove(at: $0).continuation }
    }
    continuation?.resume(returning: .failure(Self.waitedTooLong))
  }

  private func end(_ seats: [PostgresSeat]) async {
    for seat in seats { await seat.close() }
    let closers = state.withLock { state in
      state.made -= seats.count
      guard state.isClosed, state.made == 0 else { return [CheckedContinuation<Void, Never>]() }
      defer { state.closers = [] }
      return state.closers
    }
    for closer in closers { closer.resume() }
  }
}
