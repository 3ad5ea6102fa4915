import Hummingbird
import NIOCore
public import WorkerKit

/// One request, as a route sees it.
public struct APIRequest: Sendable {
  /// The path's parameters, decoded.
  public let parameters: [String: String]
  /// The query's parameters, decoded; each is one that the route takes, and there once.
  public let query: [String: String]
  private let request: Request

  /// The largest body.
  public static let bodyLimit = 8 << 20

  init(_ request: Request, parameters: [String: String], query: [String: String]) {
    self.request = request
    self.parameters = parameters
    self.query = query
  }

  /// A parameter of the path; the empty text where the route has none of that name.
  public func parameter(_ name: String) -> String { parameters[name] ?? "" }

  /// Reads the body as JSON.
  /// - Throws: A `Problem` when the content type is not `application/json`, when the body is larger than `bodyLimit`,
  ///   or when it is not JSON.
  public func json() async throws -> JSON {
    guard isJSON else {
      throw Problem(415, "unsupported_media_type", "Send the body as application/json.")
    }
    let bytes = try await body()
    do throws(JSONError) { return try JSONReader.parse(bytes) } catch { throw Problem(error) }
  }

  private var isJSON: Bool {
    let type = request.headers[.contentType]?.split(separator: ";").first ?? ""
    return type.filter { $0 != " " }.lowercased() == "application/json"
  }

  private func body() async throws -> [UInt8] {
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > Self.bodyLimit {
      throw Problem.tooLarge(limit: Self.bodyLimit)
    }
    do {
      let buffer = try await request.body.collect(upTo: Self.bodyLimit)
      return Array(buffer.readableBytesView)
    } catch is NIOTooManyBytesError {
      throw Problem.tooLarge(limit: Self.bodyLimit)
    } catch {
      throw BrokenBody(cause: error)
    }
  }
}

/// A body that ended before its time: the connection's error, which the server itself answers.
struct BrokenBody: Error {
  let cause: any Error
}
