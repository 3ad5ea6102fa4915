/// What sort of thing went wrong, and therefore what follows.
public enum FailureKind: String, Sendable, Hashable, CaseIterable {
  /// The world is unwell and the same input may work later: retried with backoff.
  case transient
  /// Understood, and will never work: a dead letter at once.
  case permanent
  /// The input itself cannot be processed and may do harm: a dead letter at once, its bytes kept.
  case poison
  /// A process died under the work, in the sight of its living parent: a dead letter with the evidence.
  case crash
  /// The attempt ran past the stage's time: retried like a transient failure, TIMED_OUT when attempts are spent.
  case deadline
}

/// Why an attempt did not succeed. Workers throw it; rows, logs and metrics keep it.
///
/// `code` is one fixed word, safe as a metric's label; `message` is constant text; what varies stands in `fields`.
/// Neither ever holds a payload or a secret.
public struct Failure: Error, Sendable, Hashable {
  public let kind: FailureKind
  /// A short fixed word in snake case: `truncated_picture`.
  public let code: String
  /// A constant sentence for people.
  public let message: String
  /// What varies: a path, a size, a signal.
  public let fields: [String: String]
  /// How long the other side asked to be left alone; a retry waits at least this long.
  public let retryAfter: Duration?

  /// Describes a failure; message and fields are cut to 1,000 characters each.
  public init(
    _ kind: FailureKind, _ code: String, _ message: String, fields: [String: String] = [:], retryAfter: Duration? = nil
  ) {
    self.kind = kind
    self.code = code
    self.message = Self.cut(message)
    self.fields = fields.mapValues(Self.cut)
    self.retryAfter = retryAfter
  }

  /// Counts scalars, since one character may be of any length.
  private static func cut(_ text: String) -> String {
    text.utf8.count <= 1000 ? text : String(text.unicodeScalars.prefix(1000))
  }

  /// The failure for an error that no worker classified: transient, named by the error's type.
  public init(unclassified error: any Error) {
    self.init(
      .transient, "unclassified", "The worker threw an error that it did not classify.",
      fields: [Self.errorTypeField: String(describing: type(of: error))])
  }

  static let errorTypeField = "error_type"
}

extension Failure {
  /// The failure of a job whose options refer to what leads to nothing.
  static func unresolved(reference: String) -> Failure {
    Failure(
      .permanent, "unresolved_reference", "A reference in the stage's options led to nothing.",
      fields: ["reference": reference])
  }

  /// The failure for a driver that could not do what a worker asked of it.
  public init(driver error: DriverError) {
    let kind: FailureKind = error.kind == .refused ? .permanent : .transient
    self.init(kind, error.code, error.message, fields: error.detail.isEmpty ? [:] : ["detail": error.detail])
  }

  /// The failure as it is stored and shown.
  public var json: JSON {
    var object: [String: JSON] = [
      "kind": .string(kind.rawValue), "code": .string(code), "message": .string(message), "cause": .string(cause),
    ]
    if !fields.isEmpty { object["fields"] = .object(fields.mapValues { .string($0) }) }
    return .object(object)
  }

  /// Reads back what `json` wrote; nil where the value is something else.
  public init?(json: JSON) {
    guard case .string(let kindName)? = json["kind"], let kind = FailureKind(rawValue: kindName),
      case .string(let code)? = json["code"], case .string(let message)? = json["message"]
    else { return nil }
    var fields: [String: String] = [:]
    if case .object(let object)? = json["fields"] {
      for case (let key, .string(let value)) in object { fields[key] = value }
    }
    self.init(kind, code, message, fields: fields)
  }
}
