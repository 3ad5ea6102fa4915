import HTTPDriver
public import WorkerKit

/// What `${call.…}` refers to.
public struct CallOutput: WorkerOutput {
  private let status: Int
  private let headers: [String: String]
  private let body: JSON

  public static let fields = [
    OutputField("status", "The response's status; 202 where the service called back."),
    OutputField(
      "body",
      "The response's body: the value where its content type is JSON, otherwise its text, {data_base64} where it is no "
        + "UTF-8, and null where there is none. What the service gave as output, where it called back."),
    OutputField(
      "headers",
      "Of the response's header fields those of content-type, content-language, etag, last-modified, location and "
        + "x-request-id that it has, in lower case; none where the service called back."),
  ]

  /// Reads a response that counts as success.
  /// - Throws: A transient `Failure` where the body is not the JSON that it says.
  init(_ response: HTTPResponse) throws(Failure) {
    status = response.status
    headers = Self.kept.reduce(into: [:]) { kept, name in kept[name] = response.headers[name] }
    body = try Self.body(of: response)
  }

  public var json: JSON {
    ["status": .integer(Int64(status)), "headers": .object(headers.mapValues { .string($0) }), "body": body]
  }

  /// The output for a service that called back: stages behind it find the answer where they find one that came at once.
  static func json(ofCallback answer: JSON) -> JSON {
    ["status": .integer(Int64(laterStatus)), "headers": [:], "body": answer]
  }

  /// Accepted: the answer comes later (RFC 9110 section 15.3.3).
  static let laterStatus = 202

  private static let kept = ["content-type", "content-language", "etag", "last-modified", "location", "x-request-id"]

  /// The output is one level more, and has to be read back.
  private static let depth = JSONLimits(depth: JSONLimits.standard.depth - 1)

  private static func body(of response: HTTPResponse) throws(Failure) -> JSON {
    if response.body.isEmpty { return .null }
    if let type = response.headers["content-type"].flatMap({ ContentType($0) }), type.isJSON {
      do throws(JSONError) {
        return try JSONReader.parse(response.body, limits: depth)
      } catch {
        throw Failure(
          .transient, "body_not_json", "The response calls itself JSON and is none that can be read.",
          fields: ["line": String(error.line), "column": String(error.column), "problem": error.code.rawValue])
      }
    }
    if let text = String(validating: response.body, as: UTF8.self) { return .string(text) }
    return ["data_base64": .string(Base64.encode(response.body))]
  }
}
