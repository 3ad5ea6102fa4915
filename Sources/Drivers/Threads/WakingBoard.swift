internal import Glibc
internal import Synchronization
public import WorkerKit

/// What tasks that wait for work and the thread that listens for them both see: a signal for each name that is waited
/// for, and a pipe that ends the thread's sleep.
public final class WakingBoard<Name: Hashable & Sendable>: Sendable {
  /// What has ended a sleep.
  public enum Waking: Sendable {
    /// The descriptor has something.
    case ready
    /// A name is new, or the board was closed.
    case nudged
    /// Nothing: the time is over.
    case silence
  }

  private struct State {
    var signals: [Name: Signal] = [:]
    var isClosed = false
  }

  private let state = Mutex(State())
  private let nudges: (reading: Int32, writing: Int32)

  /// An open board without names.
  public init() {
    var ends: [Int32] = [-1, -1]
    // Without descriptors left the thread hears of new names a little later, and no promise is broken.
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

  /// True once it was closed, for good.
  public var isClosed: Bool { state.withLock { $0.isClosed } }
  /// What is waited for.
  public var names: Set<Name> { state.withLock { Set($0.signals.keys) } }

  /// A name's signal; true where it is the first of all. The thread is nudged where the name is new.
  public func signal(for name: Name) -> (Signal, isFirst: Bool) {
    let (signal, isNew, isFirst) = state.withLock { state in
      if let signal = state.signals[name] { return (signal, false, false) }
      let (signal, isFirst) = (Signal(), state.signals.isEmpty)
      state.signals[name] = signal
      return (signal, true, isFirst)
    }
    if isNew { nudge() }
    return (signal, isFirst)
  }

  /// Wakes who waits for a name.
  public func raise(_ name: Name) { state.withLock { $0.signals[name] }?.raise() }

  /// Wakes everybody.
  public func raiseAll() {
    for signal in state.withLock({ Array($0.signals.values) }) { signal.raise() }
  }

  /// Ends the thread's sleep, and every one to come.
  public func close() {
    state.withLock { $0.isClosed = true }
    nudge()
  }

  /// Blocks the thread until the descriptor has something, it was nudged since the last sleep, or `limit` is over.
  public func sleep(on descriptor: Int32?, atMost limit: Duration) -> Waking {
    var polls = [descriptor ?? -1, nudges.reading].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let milliseconds = Int32(clamping: max(1, limit.milliseconds))
    guard poll(&polls, nfds_t(polls.count), milliseconds) > 0 else { return .silence }
    settle()
    return polls[0].revents != 0 ? .ready : .nudged
  }

  /// Forgets the nudges so far; one that a closed board was given stays, since nobody sleeps any more.
  private func settle() {
    guard !isClosed else { return }
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(nudges.reading, &bytes, bytes.count) > 0 {}
  }

  private func nudge() {
    var byte: UInt8 = 1
    _ = write(nudges.writing, &byte, 1)
  }
}
