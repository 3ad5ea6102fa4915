internal import Glibc
internal import ProcessChild

/// One request and its answer over one child's pipes, with a deadline and a way to be interrupted.
struct Exchange {
  enum End {
    case answered([UInt8])
    case ended
    case overdue
    case interrupted
    case invalid
  }

  private let child: ChildProcess
  private let wakeup: Wakeup
  private let until: ContinuousClock.Instant
  private var outgoing: ArraySlice<UInt8>
  private var reader = FrameReader()

  /// How often the child's memory is looked at, in milliseconds.
  private static let sampling: Int32 = 100

  init(frame: [UInt8], child: ChildProcess, wakeup: Wakeup, until: ContinuousClock.Instant) {
    self.child = child
    self.wakeup = wakeup
    self.until = until
    outgoing = frame[...]
  }

  /// Runs to an end. `isInterrupted` is asked at the start and after each wake.
  mutating func run(isInterrupted: () -> Bool) -> End {
    child.beginRequest()
    while true {
      wakeup.clear()
      if isInterrupted() { return .interrupted }
      let left = until - ContinuousClock.now
      if left <= .zero { return .overdue }
      let ready = wait(milliseconds: min(Self.sampling, left.wholeMilliseconds))
      if ready.errors { child.drainErrors() }
      if ready.input, !send() { outgoing = [] }
      if ready.output, let end = receive() { return end }
      if !ready.any {
        if child.hasEnded { return .ended }
        child.sampleMemory()
      }
    }
  }

  private struct Ready {
    var output = false
    var errors = false
    var input = false
    var any = false
  }

  private func wait(milliseconds: Int32) -> Ready {
    var waited = [
      pollfd(fd: child.output.number, events: Int16(POLLIN), revents: 0),
      pollfd(fd: child.errorsDescriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: outgoing.isEmpty ? -1 : child.input.number, events: Int16(POLLOUT), revents: 0),
      pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    let count = poll(&waited, nfds_t(waited.count), milliseconds)
    let ready = waited.map { $0.revents != 0 }
    return Ready(output: ready[0], errors: ready[1], input: ready[2], any: count != 0)
  }

  /// Sends what fits, and answers false where the child has closed its input; how it ended shows on its output.
  private mutating func send() -> Bool {
    guard let count = child.input.writeAvailable(outgoing) else { return false }
    outgoing = outgoing.dropFirst(count)
    return true
  }

  private mutating func receive() -> End? {
    guard let piece = child.output.readAvailable() else { return nil }
    if piece.isEmpty { return .ended }
    switch reader.take(piece) {
    case .incomplete: return nil
    case .invalid: return .invalid
    // An answer to a request that was not fully read is an answer to something else.
    case .complete(let answer): return outgoing.isEmpty ? .answered(answer) : .invalid
    }
  }
}

extension Duration {
  /// Milliseconds, rounded up, so that a wait for the last fraction of one does not spin.
  fileprivate var wholeMilliseconds: Int32 {
    let (seconds, attoseconds) = components
    guard seconds < 1_000_000 else { return .max }
    return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}
