internal import Glibc

/// Why one request to a child program has no answer. The pool goes on serving the others.
public enum ChildFailure: Error, Sendable, Equatable {
  /// The program could not be started.
  case notStarted(ChildStartFailure)
  /// The child ended under the request, by itself: it crashed, exited, or hit one of its limits.
  case died(ChildDeath)
  /// The request took longer than its deadline, and the child was killed for it.
  case deadline(ChildDeath)
  /// The caller was cancelled. Where the request was running, its child was killed.
  case cancelled
  /// The child sent something that is no answer, and was killed; or the request is longer than a frame may be.
  case protocolViolation
  /// The pool is closed.
  case closed
}

/// Why a program could not be started.
public struct ChildStartFailure: Error, Sendable, Equatable {
  /// The program's path, as configured.
  public let path: String
  /// The step that failed: `pipe` or `spawn`.
  public let step: String
  /// The system's error number: 2 where there is no such program.
  public let errorNumber: Int32
  /// The system's constant text for that number.
  public let reason: String

  init(path: String, step: String, errorNumber: Int32 = errno) {
    self.path = path
    self.step = step
    self.errorNumber = errorNumber
    reason = String(cString: strerror(errorNumber))
  }
}
