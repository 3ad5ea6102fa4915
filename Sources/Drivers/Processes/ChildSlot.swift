internal import Foundation
internal import Glibc
internal import ProcessChild
internal import Synchronization

/// A dedicated thread that keeps at most one child, and serves one call at a time with it.
///
/// The child is started, read, written and reaped here alone: nothing of it blocks Swift's cooperative pool, and the
/// kernel's parent-death signal, which follows the starting thread, stays true.
final class ChildSlot: Sendable {
  private struct Mail {
    var call: PendingCall?
    var closing = false
  }

  private let configuration: ChildPoolConfiguration
  private let wakeup: Wakeup
  private let mail = Mutex(Mail())

  /// Nil where the process has no descriptors left.
  init?(configuration: ChildPoolConfiguration) {
    guard let wakeup = Wakeup() else { return nil }
    self.configuration = configuration
    self.wakeup = wakeup
  }

  /// Starts the thread. `released` is asked for the next call after each one; `ended` is called last.
  func start(released: @escaping @Sendable () -> PendingCall?, ended: @escaping @Sendable () -> Void) {
    let thread = Thread { [self] in
      var signals = sigset_t()
      sigfillset(&signals)
      // A child that died leaves a broken pipe; blocked, the signal becomes an error number of write(2).
      pthread_sigmask(SIG_BLOCK, &signals, nil)
      serveAll(released: released)
      ended()
    }
    thread.name = "child-slot"
    thread.stackSize = 512 << 10
    thread.start()
  }

  /// Hands over a call; only for a slot that is new or released.
  func assign(_ call: PendingCall) {
    mail.withLock { $0.call = call }
    wakeup.wake()
  }

  /// Has the running call look whether it was cancelled.
  func interrupt() { wakeup.wake() }

  /// Ends the running call, the child and the thread.
  func close() {
    mail.withLock { $0.closing = true }
    wakeup.wake()
  }

  private var isClosing: Bool { mail.withLock { $0.closing } }

  private func serveAll(released: () -> PendingCall?) {
    var child: ChildProcess?
    var next = waitForCall(&child)
    while let call = next {
      let result = serve(call, &child)
      next = released()
      call.finish(result)
      if next == nil { next = waitForCall(&child) }
    }
    _ = child?.kill()
  }

  /// Waits for a call while watching the idle child; nil when closing.
  private func waitForCall(_ child: inout ChildProcess?) -> PendingCall? {
    while true {
      wakeup.clear()
      let (call, closing) = mail.withLock { ($0.call.take(), $0.closing) }
      if let call { return call }
      if closing { return nil }
      var waited = [
        pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: child?.output.number ?? -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: child?.errorsDescriptor ?? -1, events: Int16(POLLIN), revents: 0),
      ]
      poll(&waited, nfds_t(waited.count), 60_000)
      if waited[2].revents != 0 { child?.drainErrors() }
      // An idle child has nothing to say: it has died, or it is out of step.
      if waited[1].revents != 0 { child = nil }
    }
  }

  private func serve(_ call: PendingCall, _ child: inout ChildProcess?) -> Result<[UInt8], ChildFailure> {
    if isClosing { return .failure(.closed) }
    if call.isCancelled { return .failure(.cancelled) }
    let until = ContinuousClock.now + call.deadline
    guard let frame = Frame.encode(call.request) else { return .failure(.protocolViolation) }
    if child?.isQuiet == false { child = nil }
    do throws(ChildStartFailure) {
      let running = if let kept = child { kept } else { try ChildSpawn(configuration: configuration).start() }
      var exchange = Exchange(frame: frame, child: running, wakeup: wakeup, until: until)
      let end = exchange.run { call.isCancelled || isClosing }
      let result = settle(end, running)
      if case .answered(let answer) = end, running.answered < configuration.requestsPerChild, call.keepsChild(answer) {
        child = running
      } else {
        child = nil
      }
      return result
    } catch {
      return .failure(.notStarted(error))
    }
  }

  private func settle(_ end: Exchange.End, _ child: ChildProcess) -> Result<[UInt8], ChildFailure> {
    switch end {
    case .answered(let answer):
      child.endRequest()
      return .success(answer)
    // Its output ends an instant before a dying child can be waited for. One that lives on has broken the protocol.
    case .ended:
      let death = child.kill(after: .seconds(1))
      return .failure(.died(death))
    case .overdue: return .failure(.deadline(child.kill()))
    case .interrupted:
      _ = child.kill()
      return .failure(isClosing ? .closed : .cancelled)
    case .invalid:
      _ = child.kill()
      return .failure(.protocolViolation)
    }
  }
}
