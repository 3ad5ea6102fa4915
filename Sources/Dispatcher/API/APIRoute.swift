public import WorkerKit

/// One address of the API and what answers there.
public struct APIRoute: Sendable {
  /// What a route does; it throws a `Problem` or a `DriverError` to refuse.
  public typealias Handler = @Sendable (APIRequest) async throws -> APIResponse

  /// The method, in capitals: `GET`.
  public let method: String
  /// The path, with parameters in braces: `/v1/jobs/{id}`. It is the label of metrics.
  public let pattern: String
  /// The query parameters it takes; others are refused.
  public let query: Set<String>
  /// True for a route that asks for a secret of its own instead of the server's token.
  let isOpen: Bool
  let handler: Handler

  /// Describes a route.
  public init(_ method: String, _ pattern: String, query: Set<String> = [], handler: @escaping Handler) {
    self.init(method, pattern, query: query, isOpen: false, handler: handler)
  }

  /// Describes a route that may ask for a secret of its own.
  init(_ method: String, _ pattern: String, query: Set<String> = [], isOpen: Bool, handler: @escaping Handler) {
    self.isOpen = isOpen
    self.method = method
    self.pattern = pattern
    self.query = query
    self.handler = handler
  }

  /// True when `path`, of segments, is one of this route's.
  func matches(_ path: [Substring]) -> Bool {
    let own = pattern.split(separator: "/")
    return own.count == path.count && zip(own, path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
  }
}

/// Routes that a part of the program adds to the API: reads of a worker's own tables.
public protocol APIExtension: Sendable {
  /// The routes; none may be one that the API has already.
  var routes: [APIRoute] { get }
}

/// What a route answers with.
public struct APIResponse: Sendable {
  /// The HTTP status.
  public let status: Int
  public var headers: [ResponseHeader: String]
  let contentType: String
  let body: [UInt8]

  /// An answer in JSON.
  public init(_ json: JSON, status: Int = 200, headers: [ResponseHeader: String] = [:]) {
    self.init(json.bytes(), contentType: "application/json", status: status, headers: headers)
  }

  /// An answer of any other kind.
  public init(_ body: [UInt8], contentType: String, status: Int = 200, headers: [ResponseHeader: String] = [:]) {
    self.status = status
    self.headers = headers
    self.contentType = contentType
    self.body = body
  }

  /// An answer that tells a problem.
  init(_ problem: Problem) {
    self.init(
      problem.json.bytes(), contentType: "application/problem+json", status: problem.status,
      headers: problem.headers)
  }
}
