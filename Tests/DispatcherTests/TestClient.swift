import Dispatcher
import HTTPDriver
import Synchronization
import Testing
import WorkerKit

/// A server on a free port while `body` runs, and a client of it.
struct TestClient: Sendable {
  let base: String
  private let client: HTTPClient
  private let token: String?

  static func serving(
    _ services: APIServices, token: String? = nil, extensions: [any APIExtension] = [],
    _ body: (TestClient) async throws -> Void
  ) async throws {
    let stop = Signal()
    let server = APIServer(
      options: try APIOptions(port: 0, token: token), services: services, extensions: extensions)
    let (addresses, found) = AsyncStream.makeStream(of: ListeningAddress.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { found.finish() }
        try await server.run(until: stop) { found.yield($0) }
      }
      for await address in addresses {
        try await body(TestClient(base: address.description, client: try HTTPClient(), token: token))
        break
      }
      stop.raise()
      try await group.waitForAll()
    }
  }

  /// The same server, asked without a token.
  var anonymous: TestClient { TestClient(base: base, client: client, token: nil) }

  func get(_ path: String) async throws -> Answer { try await send("GET", path) }

  func post(_ path: String, _ body: JSON) async throws -> Answer {
    try await send("POST", path, body: body.bytes(), type: "application/json")
  }

  func send(
    _ method: String, _ path: String, body: [UInt8] = [], type: String? = nil, headers: [String: String] = [:]
  ) async throws -> Answer {
    var request = HTTPRequest(method: method, url: base + path, body: body)
    request.headers["Content-Type"] = type
    if let token { request.headers["Authorization"] = "Bearer \(token)" }
    for (name, value) in headers { request.headers[name] = value }
    return Answer(response: try await client.send(request))
  }
}

/// What a server answered.
struct Answer: Sendable {
  let response: HTTPResponse

  var status: Int { response.status }
  var text: String { String(decoding: response.body, as: UTF8.self) }

  func header(_ name: String) -> String? { response.headers[name] }

  var json: JSON { (try? JSONReader.parse(response.body)) ?? .null }

  /// The code of a problem that keeps to RFC 9457; nil for anything else.
  var problem: String? {
    guard response.headers["Content-Type"] == "application/problem+json", json["status"] == .integer(Int64(status)),
      case .string? = json["type"], case .string? = json["title"], case .string? = json["detail"],
      case .string(let code)? = json["code"]
    else { return nil }
    return code
  }

  /// `index field code` of each thing that is wrong.
  var problems: [String] {
    guard case .array(let items)? = json["problems"] else { return [] }
    return items.map { item in
      ["index", "field", "code"].compactMap { key in
        switch item[key] {
        case .integer(let number)?: String(number)
        case .string(let text)?: text
        default: nil
        }
      }.joined(separator: " ")
    }
  }
}
