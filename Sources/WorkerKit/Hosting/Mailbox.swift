import Synchronization

/// Items that pile up until one consumer takes them all. Waiting for them cannot be cancelled, only closed.
final class Mailbox<Item: Sendable>: Sendable {
  private struct State {
    var items: [Item] = []
    var isClosed = false
    var consumer: CheckedContinuation<[Item]?, Never>?
  }

  private let state = Mutex(State())

  /// Adds an item; wakes the consumer.
  func put(_ item: Item) {
    let consumer = state.withLock { state -> CheckedContinuation<[Item]?, Never>? in
      guard let consumer = state.consumer else {
        state.items.append(item)
        return nil
      }
      state.consumer = nil
      return consumer
    }
    consumer?.resume(returning: [item])
  }

  /// Everything that has piled up, at least one item; nil when closed and empty. One consumer at a time.
  func takeAll() async -> [Item]? {
    await withCheckedContinuation { continuation in
      let ready = state.withLock { state -> [Item]?? in
        if !state.items.isEmpty {
          defer { state.items = [] }
          return .some(state.items)
        }
        if state.isClosed { return .some(nil) }
        state.consumer = continuation
        return nil
      }
      if let ready { continuation.resume(returning: ready) }
    }
  }

  /// Lets the consumer end when it has taken what is there.
  func close() {
    let consumer = state.withLock { state in
      state.isClosed = true
      defer { state.consumer = nil }
      return state.consumer
    }
    consumer?.resume(returning: nil)
  }
}
