import HTTPDriver
import WorkerKit

/// A server, as commands talk to it.
struct ServerConnection {
  private let url: String
  private let token: String?
  private let client: HTTPClient

  init(url: String, token: String?) throws(CommandError) {
    self.url = url
    self.token = token
    do throws(HTTPFailure) { client = try HTTPClient() } catch { throw .failed("\(error)") }
  }

  /// Reads what is at `path`.
  func get(_ path: String, query: [(String, String?)] = []) async throws(CommandError) -> JSON {
    try await send(HTTPRequest(url: address(path, query)))
  }

  /// Reads the one thing with this id below `/v1/`: `things` is how the address and the command both name its kind.
  func get(_ id: String, of things: String, query: [(String, String?)] = []) async throws(CommandError) -> JSON {
    do throws(CommandError) {
      return try await get("/v1/\(things)/\(Self.escaped(id))", query: query)
    } catch {
      guard error.problem == "not_found" else { throw error }
      throw .failed("there is no \(things.dropLast()) '\(id)'; 'millrace \(things) list' tells which there are")
    }
  }

  /// Reads what is at `path` as it is, whatever it is.
  func bytes(_ path: String, query: [(String, String?)]) async throws(CommandError) -> [UInt8] {
    let response = try await answer(to: HTTPRequest(url: address(path, query)))
    guard (200..<300).contains(response.status) else { throw refusal(try json(response), status: response.status) }
    return response.body
  }

  /// Sends `body` to `path`.
  func post(_ path: String, _ body: JSON) async throws(CommandError) -> JSON {
    try await send(
      HTTPRequest(
        method: "POST", url: url + path, headers: ["Content-Type": "application/json"], body: body.bytes()))
  }

  /// A text as one segment of a path or one value of a query (RFC 3986).
  static func escaped(_ text: String) -> String {
    text.utf8.map { byte in
      let isPlain = "-._~".utf8.contains(byte) || (byte < 0x80 && Character(UnicodeScalar(byte)).isLetterOrDigit)
      let digits = String(byte, radix: 16, uppercase: true)
      return isPlain ? String(UnicodeScalar(byte)) : "%" + (digits.count < 2 ? "0" : "") + digits
    }.joined()
  }

  private func address(_ path: String, _ query: [(String, String?)]) -> String {
    let pairs = query.compactMap { name, value in value.map { "\(name)=\(Self.escaped($0))" } }
    return url + path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
  }

  private func send(_ request: HTTPRequest) async throws(CommandError) -> JSON {
    let response = try await answer(to: request)
    let answer = try json(response)
    guard (200..<300).contains(response.status) else { throw refusal(answer, status: response.status) }
    return answer
  }

  private func answer(to request: HTTPRequest) async throws(CommandError) -> HTTPResponse {
    var request = request
    request.maximumResponseBytes = 64 << 20
    if let token { request.headers["Authorization"] = "Bearer \(token)" }
    do throws(HTTPFailure) { return try await client.send(request) } catch { throw failure(error) }
  }

  private func json(_ response: HTTPResponse) throws(CommandError) -> JSON {
    do throws(JSONError) { return try JSONReader.parse(response.body) } catch {
      throw .failed("\(url) answered \(response.status) with something that is not JSON; is it a Millrace server?")
    }
  }

  private func failure(_ failure: HTTPFailure) -> CommandError {
    switch failure {
    case .invalidURL: .usage("'\(url)' is not a URL like \(ServerOptions.standardURL)")
    case .responseTooLarge, .invalidRequest: .failed("\(failure)")
    default:
      CommandError(
        reason: .unreachable,
        message: "cannot reach a server at \(url): \(failure); start one with 'millrace serve --data FOLDER', "
          + "or name another with --server")
    }
  }

  /// A problem as its reader on a terminal wants it: what is wrong, then each field on a line.
  private func refusal(_ problem: JSON, status: Int) -> CommandError {
    let code = problem.cell("code")
    let detail = problem["detail"] == nil ? "the server answered \(status)" : problem.cell("detail")
    let hint = status == 401 ? "; set MILLRACE_TOKEN" : ""
    let items = problem.elements("problems").map { item in
      let index = item["index"] == nil ? "" : "item \(item.cell("index")): "
      let pointer = item["pointer"] == nil || item["pointer"] == "" ? "" : item.cell("pointer")
      return "  \(index)\(item.cell("field"))\(pointer): \(item.cell("message"))"
    }
    // What stands in the address's query came from options; the items name them.
    let lines = code == "invalid_query" && !items.isEmpty ? items.map { String($0.dropFirst(2)) } : nil
    let message = (lines ?? ["\(detail) (\(code))\(hint)"] + items).joined(separator: "\n")
    let isUsage = [
      "invalid_query", "invalid_replay", "invalid_cancel", "invalid_pause", "invalid_resume",
    ].contains(code)
    return CommandError(reason: isUsage ? .wrongUsage : .failed, message: message, problem: code)
  }
}

extension Character {
  fileprivate var isLetterOrDigit: Bool { isASCII && (isLetter || isNumber) }
}
