internal import Synchronization

/// Runs hostile work in child programs: one request at a time per child, so that a crash names its culprit.
///
/// A child that dies, overruns its deadline or breaks the protocol costs the one request it was serving; another child
/// takes its place. Children are started when first needed, reused, and replaced after a number of requests.
/// A pool must be closed; until then its threads and children live.
public final class ChildPool: Sendable {
  private struct State {
    var waiting: [PendingCall] = []
    var running: [ObjectIdentifier: ChildSlot] = [:]
    var slots: [ObjectIdentifier: ChildSlot] = [:]
    var idle: [ChildSlot] = []
    var closed = false
    var closers: [CheckedContinuation<Void, Never>] = []
  }

  private let configuration: ChildPoolConfiguration
  private let state = Mutex(State())

  /// A pool without children yet.
  public init(configuration: ChildPoolConfiguration) {
    self.configuration = configuration
  }

  /// How many callers wait for a child at this moment.
  public var waitingCalls: Int { state.withLock { $0.waiting.count } }

  /// Has a child answer one request.
  ///
  /// Callers that find every child busy wait in the order in which they came; the deadline, wall-clock time, starts
  /// when a child is theirs and includes starting it. Cancelling the calling task ends the wait, or kills the child.
  /// - Parameters:
  ///   - request: What the child reads.
  ///   - deadline: How long it may take.
  ///   - keepsChild: Asked about the answer: false has the child replaced, though it has not had its share yet.
  /// - Throws: `ChildFailure`, which says what became of the child.
  public func call(
    _ request: [UInt8], deadline: Duration, keepsChild: @escaping @Sendable ([UInt8]) -> Bool = { _ in true }
  ) async throws(ChildFailure) -> [UInt8] {
    let call = PendingCall(request: request, deadline: deadline, keepsChild: keepsChild)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { caller in
        call.begin(caller)
        enqueue(call)
      }
    } onCancel: {
      cancel(call)
    }
    return try result.get()
  }

  /// Ends every child. Running and waiting calls fail with `.closed`, as do later ones. Returns when all have ended.
  public func close() async {
    await withCheckedContinuation { closer in
      let (waiting, slots) = state.withLock { state in
        state.closed = true
        let waiting = state.waiting
        state.waiting = []
        state.closers.append(closer)
        return (waiting, Array(state.slots.values))
      }
      for call in waiting { call.finish(.failure(.closed)) }
      for slot in slots { slot.close() }
      resumeClosersIfEnded()
    }
  }

  private func enqueue(_ call: PendingCall) {
    let failure: ChildFailure? = state.withLock { state in
      if state.closed { return .closed }
      if call.isCancelled { return .cancelled }
      guard let slot = state.idle.popLast() ?? newSlot(&state) else {
        if state.slots.isEmpty { return .notStarted(ChildStartFailure(path: configuration.executable, step: "pipe")) }
        state.waiting.append(call)
        return nil
      }
      state.running[ObjectIdentifier(call)] = slot
      slot.assign(call)
      return nil
    }
    if let failure { call.finish(.failure(failure)) }
  }

  private func newSlot(_ state: inout State) -> ChildSlot? {
    guard state.slots.count < configuration.width, let slot = ChildSlot(configuration: configuration) else {
      return nil
    }
    state.slots[ObjectIdentifier(slot)] = slot
    slot.start(released: { self.release(slot) }, ended: { self.end(slot) })
    return slot
  }

  /// Gives a slot its next call, or puts it among the idle ones.
  private func release(_ slot: ChildSlot) -> PendingCall? {
    state.withLock { state in
      state.running = state.running.filter { $0.value !== slot }
      if state.closed { return nil }
      guard !state.waiting.isEmpty else {
        state.idle.append(slot)
        return nil
      }
      let call = state.waiting.removeFirst()
      state.running[ObjectIdentifier(call)] = slot
      return call
    }
  }

  private func cancel(_ call: PendingCall) {
    call.cancel()
    let (removed, slot) = state.withLock { state in
      let index = state.waiting.firstIndex { $0 === call }
      if let index { state.waiting.remove(at: index) }
      return (index != nil, state.running[ObjectIdentifier(call)])
    }
    if removed { call.finish(.failure(.cancelled)) }
    slot?.interrupt()
  }

  private func end(_ slot: ChildSlot) {
    state.withLock { _ = $0.slots.removeValue(forKey: ObjectIdentifier(slot)) }
    resumeClosersIfEnded()
  }

  private func resumeClosersIfEnded() {
    let closers = state.withLock { state in
      guard state.slots.isEmpty else { return [CheckedContinuation<Void, Never>]() }
      defer { state.closers = [] }
      return state.closers
    }
    for closer in closers { closer.resume() }
  }
}
