import Glibc
import Logging
import WorkerKit

/// The server's log: JSON lines on standard error, from the level that `MILLRACE_LOG_LEVEL` names.
enum ServerLog {
  static func make() -> Logger {
    var log = Logger(label: "millrace") { label in
      JSONLogHandler(label: label, time: SystemTime()) { Console.write($0, to: STDERR_FILENO) }
    }
    log.logLevel = EnvironmentVariable.logLevel.value.flatMap { Logger.Level(rawValue: $0) } ?? .info
    return log
  }
}
