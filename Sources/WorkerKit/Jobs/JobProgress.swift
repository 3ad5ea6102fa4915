/// How far a job has come, as its worker reports it.
public struct JobProgress: Sendable, Hashable {
  /// The part that is done, from 0 to 1; nil where the worker cannot tell.
  public var fraction: Double?
  /// What it does now, for people; at most 1,000 characters.
  public var message: String?
  /// The job's own log: the last `logBytes` of what its worker wrote, cut at the start of a line.
  public var log: String

  /// The most bytes of a job's log that are kept: 64 KiB.
  public static let logBytes = 64 * 1024

  /// Describes progress; the fraction is brought into 0 … 1, the message cut.
  public init(fraction: Double? = nil, message: String? = nil, log: String = "") {
    self.fraction = fraction.map { $0.isNaN ? 0 : min(max($0, 0), 1) }
    self.message = message.map { String($0.unicodeScalars.prefix(1000)) }
    self.log = Self.tail(of: log)
  }

  /// This progress followed by a newer report: what that leaves open stays, and its log is added.
  public func followed(by report: JobProgress) -> JobProgress {
    JobProgress(fraction: report.fraction ?? fraction, message: report.message ?? message, log: log + report.log)
  }

  private static func tail(of log: String) -> String {
    guard log.utf8.count > logBytes else { return log }
    let kept = log.utf8.suffix(logBytes)
    let line = kept.firstIndex(of: 0x0A).map { kept.index(after: $0) } ?? kept.startIndex
    return String(decoding: kept[line...], as: UTF8.self)
  }
}

/// What an attempt reports while it runs.
public struct ProgressReport: Sendable, Hashable {
  public let authority: Authority
  public let progress: JobProgress

  /// Describes a report.
  public init(authority: Authority, progress: JobProgress) {
    self.authority = authority
    self.progress = progress
  }
}

extension JobProgress {
  /// The progress as it is stored and shown.
  public var json: JSON {
    var object: [String: JSON] = [:]
    object["fraction"] = fraction.map { .double($0) }
    object["message"] = message.map { .string($0) }
    if !log.isEmpty { object["log"] = .string(log) }
    return .object(object)
  }

  /// Reads back what `json` wrote; nil where the value is something else.
  public init?(json: JSON) {
    guard case .object(let object) = json else { return nil }
    var fraction: Double?
    switch object["fraction"] {
    case .double(let number)?: fraction = number
    case .integer(let number)?: fraction = Double(number)
    default: break
    }
    var (message, log): (String?, String) = (nil, "")
    if case .string(let text)? = object["message"] { message = text }
    if case .string(let text)? = object["log"] { log = text }
    self.init(fraction: fraction, message: message, log: log)
  }
}
