internal import Synchronization

/// One request on its way: waiting, running, or answered, and answered once.
final class PendingCall: Sendable {
  let request: [UInt8]
  let deadline: Duration
  /// Whether the child that gave an answer may be given another request.
  let keepsChild: @Sendable ([UInt8]) -> Bool
  private let cancelled = Atomic(false)
  private let continuation = Mutex<CheckedContinuation<Result<[UInt8], ChildFailure>, Never>?>(nil)

  init(request: [UInt8], deadline: Duration, keepsChild: @escaping @Sendable ([UInt8]) -> Bool) {
    self.request = request
    self.deadline = deadline
    self.keepsChild = keepsChild
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
