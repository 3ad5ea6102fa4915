import Glibc
import Logging
import WorkerKit

/// The server's log: JSON lines on standard error, from the level that `MILLRACE_LOG_LEVEL` names.
enum ServerLog {
  /// - Throws: A `CommandError` where `MILLRACE_LOG_LEVEL` names no level: what is asked for would not be logged.
  static func check() throws(CommandError) {
    guard let name = EnvironmentVariable.logLevel.value, Logger.Level(rawValue: name) == nil else { return }
    let levels = Logger.Level.allCases.map(\.rawValue)
    let meant = Spelling.suggestion(for: name, among: levels).map { "did you mean '\($0)'?" }
    throw .usage(
      "\(EnvironmentVariable.logLevel.rawValue) is '\(name)', which is no level; "
        + (meant ?? "there are \(levels.joined(separator: ", "))"))
  }

  static func make() -> Logger {
    var log = Logger(label: "millrace") { label in
      JSONLogHandler(label: label, time: SystemTime()) { Console.write($0, to: STDERR_FILENO) }
    }
    log.logLevel = EnvironmentVariable.logLevel.value.flatMap { Logger.Level(rawValue: $0) } ?? .info
    return log
  }
}
