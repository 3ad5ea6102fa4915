internal import Synchronization

/// One request on its way: waiting, running, or answered, and answered once.
final class PendingCall: Sendable {
  let request: [UInt8]
  let deadline: Duration
  private let cancelled = Atomic(false)
  private let continuation = Mutex<CheckedContinuation<Result<[UInt8], ChildFailure>, Never>?>(nil)

  init(request: [UInt8], deadline: Duration) {
    self.request = request
    self.deadline = deadline
  }

  var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  func cancel() { cancelled.store(true, ordering: .releasing) }

  func begin(_ caller: CheckedContinuation<Result<[UInt8], ChildFailure>, Never>) {
    continuation.withLock { $0 = caller }
  }

  func finish(_ result: Result<[UInt8], ChildFailure>) {
    let caller = continuation.withLock { $0.take() }
    caller?.resume(returning: result)
  }
}
