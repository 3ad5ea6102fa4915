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
    guard contentType?.essence == "application/json" else {
      throw Problem(415, "unsupported_media_type", "Send the body as application/json.")
    }
    return try await parsed()
  }

  /// Reads the body as JSON, whatever it calls itself.
  /// - Throws: A `Problem` when the body is larger than `bodyLimit`, or when it is not JSON.
  func parsed() async throws -> JSON {
    let bytes = try await body()
    do throws(JSONError) { return try JSONReader.parse(bytes) } catch { throw Problem(error) }
  }

  /// What the body calls itself; nil where it says nothing that is a media type.
  var contentType: ContentType? { contentTypeText.flatMap { ContentType($0) } }

  /// The header field `Content-Type` as it was sent.
  var contentTypeText: String? { request.headers[.contentType] }

  /// The header fields whose names begin with `prefix`, which is in lower case: the rest of the name in lower case, and
  /// the value. In the order in which they came; a name that came twice is there twice.
  func fields(withPrefix prefix: String) -> [(name: String, value: String)] {
    request.headers.compactMap { field in
      let name = field.name.canonicalName
      return name.hasPrefix(prefix) ? (String(name.dropFirst(prefix.count)), field.value) : nil
    }
  }

  /// Reads the body.
  /// - Throws: A `Problem` when it is larger than `bodyLimit`.
  func body() async throws -> [UInt8] {
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
