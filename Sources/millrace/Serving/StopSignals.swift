import Dispatch
import Glibc
import WorkerKit

/// SIGTERM and SIGINT: the first asks for an orderly end, the second ends the process at once.
///
/// A handler that only writes to a pipe is in force as soon as this is made, whichever thread a signal reaches; a
/// dispatch source for signals is so a moment later, and a signal in between would end the process. The pipe is read on
/// a queue of its own, which answers even when every thread of the pool is busy.
struct StopSignals {
  private let source: any DispatchSourceRead

  /// Raises `stop` at the first signal.
  init(raising stop: Signal) {
    // A reader that goes away must end its connection, not the process.
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [-1, -1]
    pipe(&ends)
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    let readEnd = ends[0]
    StopPipe.writeEnd = ends[1]
    source = DispatchSource.makeReadSource(fileDescriptor: readEnd, queue: DispatchQueue(label: "millrace.signals"))
    source.setEventHandler {
      var byte: UInt8 = 0
      while read(readEnd, &byte, 1) == 1 {
        if stop.count > 0 { _exit(ExitReason.failed.rawValue) }
        stop.raise()
      }
    }
    source.activate()
    for number in [SIGTERM, SIGINT] {
      signal(number) { _ in
        var byte: UInt8 = 1
        _ = write(StopPipe.writeEnd, &byte, 1)
      }
    }
  }

  /// Gives the signals back.
  func cancel() {
    for number in [SIGTERM, SIGINT] { signal(number, SIG_DFL) }
    source.cancel()
  }
}

/// What a signal handler can reach: handlers capture nothing.
private enum StopPipe {
  // Safe: written once, before the handlers that read it are in force.
  nonisolated(unsafe) static var writeEnd: Int32 = -1
}
