import WorkerKit

/// How a request carries its events: as our own envelopes, or in one of the three content modes of the HTTP Protocol
/// Binding for CloudEvents 1.0.2, section 1.3
/// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md).
enum EventMode: Hashable {
  /// One envelope of our own, or an array of them: `application/json`.
  case envelopes
  /// One CloudEvent: `application/cloudevents+json` (section 3.2).
  case structured
  /// An array of CloudEvents, which may be empty: `application/cloudevents-batch+json` (section 3.3).
  case batched
  /// One CloudEvent: its attributes in `ce-` headers, its data in the body (section 3.1).
  case binary

  /// Tells the mode by the content type; what CloudEvents do not claim is binary mode where a required attribute is in
  /// the headers (section 3), so that one that is missing can be named.
  /// - Throws: A `Problem` for any other content type.
  init(of request: APIRequest) throws(Problem) {
    let type = request.contentType?.essence ?? ""
    let hasAttributes = request.fields(withPrefix: "ce-").contains { Self.required.contains($0.name) }
    switch type {
    case "application/cloudevents+json": self = .structured
    case "application/cloudevents-batch+json": self = .batched
    case _ where type.hasPrefix("application/cloudevents"): throw Self.otherFormat
    case _ where hasAttributes: self = .binary
    case "application/json": self = .envelopes
    default: throw Self.otherType
    }
  }

  /// What the payload is called in this mode.
  var payloadField: String { self == .envelopes ? "payload" : "data" }

  private static let required: Set<String> = ["specversion", "id", "source", "type"]

  private static let otherFormat = Problem(
    415, "unsupported_media_type",
    "CloudEvents are taken as application/cloudevents+json, application/cloudevents-batch+json, or in binary mode.")

  private static let otherType = Problem(
    415, "unsupported_media_type",
    "Send envelopes as application/json, or CloudEvents as application/cloudevents+json, "
      + "application/cloudevents-batch+json, or in binary mode with ce- headers.")
}
