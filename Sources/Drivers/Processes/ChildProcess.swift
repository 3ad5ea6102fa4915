internal import Glibc

/// A running child and the parent's ends of its pipes. Belongs to the one thread that started it.
final class ChildProcess {
  let identifier: pid_t
  /// How many requests it has answered.
  private(set) var answered = 0
  let input: Descriptor
  let output: Descriptor
  let errors: Descriptor
  private var tail = ByteTail()
  private var errorsEnded = false
  private var memory: MemoryEvidence
  private var death: ChildDeath?

  init(identifier: pid_t, input: consuming Descriptor, output: consuming Descriptor, errors: consuming Descriptor) {
    self.identifier = identifier
    self.input = input
    self.output = output
    self.errors = errors
    memory = MemoryEvidence(child: identifier)
  }

  deinit { _ = kill() }

  /// Where to wait for what it says on standard error, or -1 once that has ended: poll(2) ignores -1.
  var errorsDescriptor: Int32 { errorsEnded ? -1 : errors.number }

  /// False where the child has died or spoken since its last answer, so that it must not be given another request.
  var isQuiet: Bool {
    if hasEnded { return false }
    var waited = pollfd(fd: output.number, events: Int16(POLLIN), revents: 0)
    return poll(&waited, 1, 0) == 0
  }

  func beginRequest() { tail.clear() }

  func endRequest() { answered += 1 }

  func sampleMemory() { memory.sample() }

  /// Takes in what waits on standard error, but no more than 1 MiB at a time: a child that never stops must not keep
  /// its parent from looking at the clock.
  func drainErrors() {
    for _ in 0..<16 {
      guard let bytes = errors.readAvailable() else { return }
      if bytes.isEmpty {
        errorsEnded = true
        return
      }
      tail.append(bytes)
    }
  }

  /// Waits up to `grace` for the child to end by itself, and kills it, with all that it started, where it does not.
  func kill(after grace: Duration = .zero) -> ChildDeath {
    if let death { return death }
    let end = ContinuousClock.now + grace
    // The first wait leaves the dead child in the process table, so that its number cannot mean another process yet.
    while !hasEnded, ContinuousClock.now < end { poll(nil, 0, 1) }
    if !hasEnded { memory.sample() }
    _ = Glibc.kill(-identifier, SIGKILL)
    let found = reap()
    death = found
    return found
  }

  /// True once the child is dead, though what it has started may still hold its pipes open.
  var hasEnded: Bool {
    var information = siginfo_t()
    return waitid(P_PID, id_t(identifier), &information, WEXITED | WNOHANG | WNOWAIT) == 0
      && information.si_signo == SIGCHLD
  }

  private func reap() -> ChildDeath {
    let end = ContinuousClock.now + .seconds(10)
    var status: Int32 = 0
    var usage = rusage()
    var waited = wait4(identifier, &status, WNOHANG, &usage)
    while waited == 0 || waited < 0 && errno == EINTR, ContinuousClock.now < end {
      poll(nil, 0, 1)
      waited = wait4(identifier, &status, WNOHANG, &usage)
    }
    drainErrors()
    let known = waited == identifier
    return ChildDeath(
      ending: known ? ChildEnding(waitStatus: status) : .unreaped,
      peakMemoryBytes: memory.peak(reported: known ? usage.ru_maxrss << 10 : nil),
      cpuSeconds: known ? usage.processorSeconds : 0, stderrTail: tail.text)
  }
}
