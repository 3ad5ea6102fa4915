import Glibc
import Synchronization
import WorkerKit

/// What the tasks that wait and the thread that listens both see, and a pipe that ends the thread's sleep.
final class RedisWakerState: Sendable {
  private struct State {
    var signals: [String: Signal] = [:]
    var isStarted = false
    var isClosed = false
  }

  private let state = Mutex(State())
  private let nudges: (reading: Int32, writing: Int32)

  init() {
    var ends: [Int32] = [-1, -1]
    // Without descriptors left the thread hears of new channels a little later, and no promise is broken.
    _ = pipe(&ends)
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    nudges = (ends[0], ends[1])
  }

  deinit {
    Glibc.close(nudges.reading)
    Glibc.close(nudges.writing)
  }

  var isClosed: Bool { state.withLock { $0.isClosed } }
  var channels: Set<String> { state.withLock { Set($0.signals.keys) } }
  /// Readable when there is something new.
  var descriptor: Int32 { nudges.reading }

  /// A channel's signal; true where it is the first of all.
  func signal(for channel: String) -> (Signal, isFirst: Bool) {
    let (signal, isNew, isFirst) = state.withLock { state in
      if let signal = state.signals[channel] { return (signal, false, false) }
      let signal = Signal()
      state.signals[channel] = signal
      defer { state.isStarted = true }
      return (signal, true, !state.isStarted)
    }
    if isNew { nudge() }
    return (signal, isFirst)
  }

  func raise(_ channel: String) { state.withLock { $0.signals[channel] }?.raise() }

  func close() {
    state.withLock { $0.isClosed = true }
    nudge()
  }

  /// Forgets the nudges so far.
  func settle() {
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(nudges.reading, &bytes, bytes.count) > 0 {}
  }

  private func nudge() {
    var byte: UInt8 = 1
    _ = write(nudges.writing, &byte, 1)
  }
}
