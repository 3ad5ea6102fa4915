/// One thread that handles items in the batches in which they pile up, in the order of submission.
///
/// While a batch is handled the next one gathers, so that a busy thread pays a fixed cost, a commit or a round trip,
/// once for many items, and an idle one adds no delay. There is no timer.
public final class BatchThread<Item: Sendable>: Sendable {
  private struct State {
    var waiting: [Item] = []
    var isClosed = false
    var hasEnded = false
    var closers: [CheckedContinuation<Void, Never>] = []
  }

  private let monitor = Monitor(State())

  /// Starts the thread. `handle` gets every batch; `atEnd` runs last.
  public init(name: String, handle: @escaping @Sendable ([Item]) -> Void, atEnd: @escaping @Sendable () -> Void = {}) {
    NamedThread.start(name) { [monitor] in
      while let batch = Self.next(monitor) { handle(batch) }
      atEnd()
      let closers = monitor.change { state in
        state.hasEnded = true
        return state.closers
      }
      for closer in closers { closer.resume() }
    }
  }

  /// Hands an item over; false when the thread was closed, and then the item is not handled.
  public func submit(_ item: Item) -> Bool {
    monitor.change { state in
      guard !state.isClosed else { return false }
      state.waiting.append(item)
      return true
    }
  }

  /// Takes no more items; what was submitted is still handled.
  public func close() {
    monitor.change { $0.isClosed = true }
  }

  /// Closes, and returns when the last item was handled and the thread has ended its work.
  public func closeAndWait() async {
    await withCheckedContinuation { continuation in
      let ended = monitor.change { state in
        state.isClosed = true
        if !state.hasEnded { state.closers.append(continuation) }
        return state.hasEnded
      }
      if ended { continuation.resume() }
    }
  }

  private static func next(_ monitor: Monitor<State>) -> [Item]? {
    let batch = monitor.wait { state -> [Item]? in
      if state.waiting.isEmpty { return state.isClosed ? [] : nil }
      defer { state.waiting = [] }
      return state.waiting
    }
    return batch?.isEmpty == false ? batch : nil
  }
}
