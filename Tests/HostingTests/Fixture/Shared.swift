import Synchronization

/// A value that tasks and threads of a test share.
final class Shared<Value: Sendable>: Sendable {
  private let value: Mutex<Value>

  init(_ value: Value) { self.value = Mutex(value) }

  /// Reads or changes the value.
  func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
    value.withLock { value in
      // Copied, since what leaves the lock may not be a part of what stays.
      var copy = value
      defer { value = copy }
      return body(&copy)
    }
  }
}
