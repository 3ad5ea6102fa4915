import Logging
import Synchronization
import WorkerKit

/// Keeps the log lines of a test.
final class LogRecorder: Sendable {
  private let lines = Mutex<[String]>([])

  /// A logger, of every level, that writes here.
  var logger: Logger {
    var logger = Logger(label: "test") { label in
      JSONLogHandler(label: label, time: SystemTime()) { bytes in
        self.lines.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
      }
    }
    logger.logLevel = .trace
    return logger
  }

  /// Everything that was logged.
  var text: String { lines.withLock { $0.joined() } }
}
