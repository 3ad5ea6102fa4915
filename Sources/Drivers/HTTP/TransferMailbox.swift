internal import Synchronization

/// What tasks leave for the client's thread.
///
/// The thread is woken while the lock is held, and gives the multi handle up under the same lock, so a handle that
/// no longer exists is never woken.
final class TransferMailbox: Sendable {
  /// What has arrived since the thread last looked.
  struct Mail {
    var submitted: [Submission] = []
    var cancelled: [Transfer] = []
    var isClosing = false
  }

  private struct State {
    var mail = Mail()
    var multi: MultiHandle?
    var closeWaiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  init(multi: MultiHandle) {
    state = Mutex(State(multi: multi))
  }

  /// The handle that the thread is to drive; nil once `finish` was called.
  var multi: MultiHandle? { state.withLock(\.multi) }

  func submit(_ transfer: Transfer, _ continuation: CheckedContinuation<HTTPResult, Never>) {
    let refusal = state.withLock { state -> HTTPFailure? in
      if state.mail.isClosing { return .closed }
      // A cancellation that comes after this look takes the lock later, so the thread finds it behind the submission.
      if transfer.isCancelled { return .cancelled }
      state.mail.submitted.append(Submission(transfer: transfer, continuation: continuation))
      state.multi?.wake()
      return nil
    }
    if let refusal { continuation.resume(returning: .failure(refusal)) }
  }

  func cancel(_ transfer: Transfer) {
    transfer.markCancelled()
    state.withLock { state in
      guard let multi = state.multi else { return }
      state.mail.cancelled.append(transfer)
      multi.wake()
    }
  }

  func close(_ waiter: CheckedContinuation<Void, Never>? = nil) {
    let isFinished = state.withLock { state in
      state.mail.isClosing = true
      state.multi?.wake()
      if let waiter, state.multi != nil { state.closeWaiters.append(waiter) }
      return state.multi == nil
    }
    if isFinished { waiter?.resume() }
  }

  /// Hands over what has arrived.
  func take() -> Mail {
    state.withLock { state in
      defer { state.mail = Mail(isClosing: state.mail.isClosing) }
      return state.mail
    }
  }

  /// Gives up the multi handle; returns those who wait for the client to be closed.
  func finish() -> [CheckedContinuation<Void, Never>] {
    state.withLock { state in
      defer { state.closeWaiters = [] }
      state.multi = nil
      return state.closeWaiters
    }
  }
}
