import Glibc
import Synchronization
import WorkerKit

/// What the tasks that wait and the thread that listens both see, and a pipe that ends the thread's sleep.
final class PostgresWakerState: Sendable {
  private struct State {
    var signals: [QueueName: Signal] = [:]
    var isClosed = false
  }

  private let state = Mutex(State())
  private let ends: (reading: Int32, writing: Int32)

  init() {
    var ends: [Int32] = [-1, -1]
    // Without descriptors left the thread ends a little later, and no promise is broken.
    _ = pipe(&ends)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    self.ends = (ends[0], ends[1])
  }

  deinit {
    Glibc.close(ends.reading)
    Glibc.close(ends.writing)
  }

  var isClosed: Bool { state.withLock { $0.isClosed } }

  /// A queue's signal; true where it is the first of all.
  func signal(for queue: QueueName) -> (Signal, isFirst: Bool) {
    state.withLock { state in
      if let signal = state.signals[queue] { return (signal, false) }
      let (signal, isFirst) = (Signal(), state.signals.isEmpty)
      state.signals[queue] = signal
      return (signal, isFirst)
    }
  }

  func raise(_ queue: QueueName) { state.withLock { $0.signals[queue] }?.raise() }

  func raiseAll() {
    for signal in state.withLock({ Array($0.signals.values) }) { signal.raise() }
  }

  func close() {
    let isFirst = state.withLock { state in
      defer { state.isClosed = true }
      return !state.isClosed
    }
    var byte: UInt8 = 1
    if isFirst { _ = write(ends.writing, &byte, 1) }
  }

  /// Sleeps until the descriptor has something, `limit` is over, or it is closed; true where the descriptor has.
  func sleep(on descriptor: Int32?, atMost limit: Duration) -> Bool {
    var polls = [descriptor ?? -1, ends.reading].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    guard poll(&polls, nfds_t(polls.count), Int32(clamping: max(1, limit.milliseconds))) > 0 else { return false }
    return polls[0].revents != 0
  }
}
