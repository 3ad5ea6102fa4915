import WorkerKit

/// A CloudEvent in binary mode: HTTP Protocol Binding for CloudEvents 1.0.2, section 3.1.
struct BinaryEvent {
  let contentType: String?
  /// The header fields that begin with `ce-`, without that.
  let fields: [(name: String, value: String)]
  let body: [UInt8]

  /// The event: `Content-Type` is its `datacontenttype` as it stands (section 3.1.1), and an empty body no data.
  /// - Throws: An `EnvelopeError` that names every header whose value cannot be decoded, that came twice, or that must
  ///   not be there.
  func cloudEvent() throws(EnvelopeError) -> CloudEvent {
    var attributes: [String: JSON] = [:]
    var problems: [EnvelopeError.Problem] = []
    for (name, value) in fields {
      if let wrong = Self.problem(with: name, among: attributes) {
        problems.append(.init(field: name, code: "invalid", message: wrong))
      } else if let text = Self.decode(value) {
        attributes[name] = .string(text)
      } else {
        problems.append(.init(field: name, code: "invalid", message: Self.undecodable))
      }
    }
    guard problems.isEmpty else { throw EnvelopeError(problems: problems) }
    attributes["datacontenttype"] = contentType.map { .string($0) }
    return CloudEvent(attributes: attributes, data: body.isEmpty ? .none : .bytes(body))
  }

  private static let undecodable = "The header's value is not UTF-8, or a quoted text without its end."

  private static func problem(with name: String, among attributes: [String: JSON]) -> String? {
    if name == "datacontenttype" { return "The content type stands in Content-Type, and not in a header of its own." }
    return attributes[name] == nil ? nil : "The header is there twice."
  }

  /// The text that a header's value stands for (section 3.1.3.2): quotes are taken off first, as senders of older
  /// versions wrote them, then percent-encoding is undone once. A percent sign that no two digits follow stands for
  /// itself, since some senders escape nothing. Nil where the bytes are not UTF-8 or a quoted text does not end.
  private static func decode(_ value: String) -> String? {
    guard let text = unquoted(value) else { return nil }
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let escaped = PercentCoding.byte(ofDigits: rest.prefix(2)) {
        bytes.append(escaped)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// A `quoted-string` without its quotes and backslashes (RFC 9110 section 5.6.4); anything else as it is.
  private static func unquoted(_ value: String) -> String? {
    guard value.hasPrefix("\"") else { return value }
    var (text, isEscaped) = ("", false)
    var rest = value.dropFirst().unicodeScalars
    while let scalar = rest.popFirst() {
      if isEscaped {
        text.unicodeScalars.append(scalar)
        isEscaped = false
      } else if scalar == "\\" {
        isEscaped = true
      } else if scalar == "\"" {
        return rest.isEmpty ? text : nil
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return nil
  }
}

extension BinaryEvent {
  init(_ request: APIRequest, body: [UInt8]) {
    self.init(contentType: request.contentTypeText, fields: request.fields(withPrefix: "ce-"), body: body)
  }
}
