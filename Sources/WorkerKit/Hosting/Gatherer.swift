import Synchronization

/// Gathers jobs of one stage into batches, until a batch is full or its first job has waited as long as it may.
///
/// Each job waits in its own attempt, under its own lease: one that is cut short leaves its batch, and the others go
/// on.
final class Gatherer: Sendable {
  /// What jobs must have in common to be in one batch.
  struct Key: Sendable, Hashable {
    let worker: WorkerName
    let revision: RevisionHash
    let stage: StageName
    let queue: QueueName
  }

  private struct Gathering: Sendable {
    let number: UInt64
    let worker: RegisteredWorker
    let dueAt: Duration
    let closed = Signal()
    var seats: [BatchSeat] = []
  }

  private struct State {
    var gatherings: [Key: Gathering] = [:]
    var lastNumber: UInt64 = 0
    var isStopped = false
  }

  private let state = Mutex(State())
  private let time: any TimeSource
  /// Starts a task that is nobody's child, since a worker that does not heed its cancellation must not hold its host;
  /// gives what cancels it.
  private let start: @Sendable (@escaping @Sendable () async -> Void) -> @Sendable () -> Void

  init(
    time: any TimeSource, start: @escaping @Sendable (@escaping @Sendable () async -> Void) -> @Sendable () -> Void
  ) {
    self.time = time
    self.start = start
  }

  /// Gathers no more; gives the attempts that wait in batches that have not begun.
  func stop() -> [Authority] {
    state.withLock { state in
      state.isStopped = true
      return state.gatherings.values.flatMap { $0.seats.map(\.authority) }
    }
  }

  /// Takes an item into a batch, and returns with its answer; nil when the task is cancelled before.
  func answer(
    _ item: RegisteredWorker.Item, of worker: RegisteredWorker, in key: Key, by policy: BatchPolicy
  ) async -> BatchSeat.Answer? {
    let seat = BatchSeat(item)
    let gathering = join(seat, worker, key, policy)
    await gathering.closed.wait(after: 0, atMost: gathering.dueAt - time.monotonic, on: time)
    if Task.isCancelled { leave(seat, key) } else { close(gathering.number, key) }
    return await seat.answer()
  }

  private func join(_ seat: BatchSeat, _ worker: RegisteredWorker, _ key: Key, _ policy: BatchPolicy) -> Gathering {
    let (gathering, full) = state.withLock { state -> (Gathering, [Gathering]) in
      var full: [Gathering] = []
      // A retry of a job may be leased while its old attempt is here still; each is answered for by its job's id.
      if let open = state.gatherings[key], open.seats.contains(where: { $0.job == seat.job }) {
        full.append(open)
        state.gatherings[key] = nil
      }
      state.lastNumber += 1
      var gathering =
        state.gatherings[key]
        ?? Gathering(number: state.lastNumber, worker: worker, dueAt: time.monotonic + policy.wait)
      gathering.seats.append(seat)
      let isFull = gathering.seats.count >= policy.size || state.isStopped
      state.gatherings[key] = isFull ? nil : gathering
      if isFull { full.append(gathering) }
      return (gathering, full)
    }
    for gathering in full { begin(gathering) }
    return gathering
  }

  /// Takes out a seat whose batch has not begun.
  private func leave(_ seat: BatchSeat, _ key: Key) {
    state.withLock { state in
      state.gatherings[key]?.seats.removeAll { $0 === seat }
      if state.gatherings[key]?.seats.isEmpty == true { state.gatherings[key] = nil }
    }
  }

  /// Begins a batch whose time has come, unless somebody has.
  private func close(_ number: UInt64, _ key: Key) {
    let gathering = state.withLock { state -> Gathering? in
      guard let open = state.gatherings[key], open.number == number else { return nil }
      state.gatherings[key] = nil
      return open
    }
    if let gathering { begin(gathering) }
  }

  private func begin(_ gathering: Gathering) {
    let seats = gathering.seats
    let cancel = start { await Self.run(seats, by: gathering.worker) }
    for seat in seats { seat.whenOver { if seats.allSatisfy(\.isOver) { cancel() } } }
    gathering.closed.raise()
  }

  private static func run(_ seats: [BatchSeat], by worker: RegisteredWorker) async {
    let heard = seats.filter { !$0.isOver }
    guard let run = worker.runBatch, !heard.isEmpty else { return }
    let answers = await run(heard.map(\.item))
    for seat in heard { seat.give(answers[seat.job] ?? .failure(.unanswered(seat.job))) }
  }
}
