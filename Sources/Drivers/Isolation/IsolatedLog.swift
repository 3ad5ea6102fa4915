import Logging
import Synchronization
import WorkerKit

/// One line that a worker logged in its process, on its way to the log of the process that started it.
struct IsolatedLogLine: Sendable, Hashable {
  let level: Logger.Level
  let message: String
  let fields: [String: String]

  var json: JSON {
    .object([
      "level": .string(level.rawValue), "message": .string(message),
      "fields": .object(fields.mapValues { .string($0) }),
    ])
  }

  init(level: Logger.Level, message: String, fields: [String: String]) {
    self.level = level
    self.message = message
    self.fields = fields
  }

  init?(json: JSON) {
    guard case .string(let name)? = json["level"], let level = Logger.Level(rawValue: name),
      case .string(let message)? = json["message"], case .object(let object)? = json["fields"]
    else { return nil }
    var fields: [String: String] = [:]
    for case (let key, .string(let value)) in object { fields[key] = value }
    self.init(level: level, message: message, fields: fields)
  }

  func write(to log: Logger) {
    log.log(level: level, "\(message)", metadata: fields.mapValues { .string($0) })
  }
}

/// Gathers the lines of one job, up to a bound: an answer must fit its frame.
final class IsolatedLog: Sendable {
  /// The most lines of one job that reach the log.
  static let limit = 500
  /// The most characters of a line's message, and of each of its values.
  static let textLimit = 2000

  private let gathered = Mutex((lines: [IsolatedLogLine](), dropped: 0))

  /// A logger whose lines are gathered here.
  func logger() -> Logger {
    var log = Logger(label: "millrace") { _ in IsolatedLogHandler(log: self) }
    log.logLevel = .debug
    return log
  }

  /// What was gathered, and a last line that counts what was not.
  var lines: [IsolatedLogLine] {
    gathered.withLock { gathered in
      guard gathered.dropped > 0 else { return gathered.lines }
      let last = IsolatedLogLine(
        level: .warning, message: "A job logged more lines than are kept.",
        fields: [LogKey.count.rawValue: String(gathered.dropped)])
      return gathered.lines + [last]
    }
  }

  fileprivate func add(_ line: IsolatedLogLine) {
    gathered.withLock { gathered in
      if gathered.lines.count < Self.limit { gathered.lines.append(line) } else { gathered.dropped += 1 }
    }
  }
}

private struct IsolatedLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .debug
  let log: IsolatedLog

  init(log: IsolatedLog) { self.log = log }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    log.add(
      IsolatedLogLine(
        level: event.level, message: Self.cut(event.message.description),
        fields: all.mapValues { Self.cut($0.description) }))
  }

  private static func cut(_ text: String) -> String {
    text.utf8.count <= IsolatedLog.textLimit ? text : String(text.unicodeScalars.prefix(IsolatedLog.textLimit))
  }
}
