import Dispatch
import Glibc
import WorkerKit

/// SIGTERM and SIGINT: the first asks for an orderly end, the second ends the process at once.
///
/// The handlers run on a queue of their own, so that they answer even when every thread of the pool is busy.
struct StopSignals {
  private let sources: [any DispatchSourceSignal]

  /// Raises `stop` at the first signal.
  init(raising stop: Signal) {
    // A reader that goes away must end its connection, not the process.
    signal(SIGPIPE, SIG_IGN)
    let queue = DispatchQueue(label: "millrace.signals")
    sources = [SIGTERM, SIGINT].map { DispatchSource.makeSignalSource(signal: $0, queue: queue) }
    for source in sources {
      source.setEventHandler {
        if stop.count > 0 { _exit(ExitReason.failed.rawValue) }
        stop.raise()
      }
      source.activate()
    }
  }

  /// Gives the signals back.
  func cancel() {
    for source in sources { source.cancel() }
  }
}
