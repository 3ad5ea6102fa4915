public import WorkerKit

/// An error as the API tells it: problem details (RFC 9457), with a stable `code` beside the standard members.
///
/// A problem never holds a payload, a secret or a stack trace.
public struct Problem: Error, Sendable, Hashable {
  /// One thing that is wrong with a request.
  public struct Item: Sendable, Hashable {
    /// The place in the request's array, from 0; nil where there is none.
    public let index: Int?
    public let field: String
    /// A short fixed word.
    public let code: String
    public let message: String
    /// Where within the field, as a JSON pointer (RFC 6901); nil where the field itself is meant.
    public let pointer: String?

    /// Describes one thing that is wrong.
    public init(index: Int? = nil, field: String, code: String, message: String, pointer: String? = nil) {
      self.index = index
      self.field = field
      self.code = code
      self.message = message
      self.pointer = pointer
    }

    var json: JSON {
      var members: [String: JSON] = ["field": .string(field), "code": .string(code), "message": .string(message)]
      members["index"] = index.map { .integer(Int64($0)) }
      members["pointer"] = pointer.map { .string($0) }
      return .object(members)
    }
  }

  /// The HTTP status, 400 to 599.
  public let status: Int
  /// A short fixed word that programs may rely on.
  public let code: String
  /// What happened and what to do, for people.
  public let detail: String
  /// Everything that is wrong with the request, where that is known.
  public var items: [Item] = []
  /// Headers that belong to the status: `Retry-After`, `Allow`.
  public var headers: [ResponseHeader: String] = [:]
  /// Members of the answer beyond the usual ones.
  public var members: [String: JSON] = [:]

  /// The most items that an answer lists.
  public static let mostItems = 100

  /// Describes a problem.
  public init(_ status: Int, _ code: String, _ detail: String, items: [Item] = []) {
    self.status = status
    self.code = code
    self.detail = detail
    self.items = items
  }

  /// The answer's body.
  var json: JSON {
    var all = members
    all["type"] = .string("about:blank")
    all["title"] = .string(StatusPhrase.of(status))
    all["status"] = .integer(Int64(status))
    all["code"] = .string(code)
    all["detail"] = .string(detail)
    if !items.isEmpty { all["problems"] = .array(items.prefix(Self.mostItems).map(\.json)) }
    return .object(all)
  }
}

/// The phrases of HTTP statuses (RFC 9110 section 15, RFC 4918): the titles of problems of type `about:blank`.
enum StatusPhrase {
  private static let phrases = [
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large", 415: "Unsupported Media Type", 422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error", 503: "Service Unavailable", 507: "Insufficient Storage",
  ]

  static func of(_ status: Int) -> String { phrases[status] ?? "Error" }
}
