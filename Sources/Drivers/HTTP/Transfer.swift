internal import Synchronization

typealias HTTPResult = Result<HTTPResponse, HTTPFailure>

/// A request on its way, known to the task that waits for it and to the client's thread.
final class Transfer: Sendable {
  let request: HTTPRequest
  let deadline: ContinuousClock.Instant
  private let cancelled = Atomic(false)

  init(_ request: HTTPRequest) {
    self.request = request
    deadline = .now + request.timeout
  }

  var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  func markCancelled() { cancelled.store(true, ordering: .releasing) }
}

/// A transfer together with the task to wake when it ends.
struct Submission {
  let transfer: Transfer
  let continuation: CheckedContinuation<HTTPResult, Never>
}
