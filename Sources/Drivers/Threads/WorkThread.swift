/// One thread for calls that block: file operations, C libraries. Calls run one at a time, in order.
public final class WorkThread: Sendable {
  private let thread: BatchThread<@Sendable () -> Void>

  /// Starts the thread.
  public init(name: String) {
    thread = BatchThread(name: name) { batch in
      for call in batch { call() }
    }
  }

  deinit { thread.close() }

  /// Runs `body` on the thread and suspends, without blocking, until it has ended; nil when the thread was closed.
  public func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value? {
    await withCheckedContinuation { continuation in
      let accepted = thread.submit { continuation.resume(returning: body()) }
      if !accepted { continuation.resume(returning: nil) }
    }
  }

  /// Takes no more calls.
  public func close() { thread.close() }
}
