extension CloudEvent {
  /// Reads the JSON event format (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md).
  ///
  /// `data` is a value, also where it is `null`; `data_base64` stands for bytes (section 3.1.2). Attributes are checked
  /// by `EventEnvelope.read(_:now:)`.
  /// - Throws: An `EnvelopeError` when the value is no object, has both members, or holds something other than base 64.
  public init(json: JSON) throws(EnvelopeError) {
    guard case .object(var members) = json else {
      throw EnvelopeError("event", "wrong_type", "A CloudEvent is a JSON object, not \(json.kind).")
    }
    let value = members.removeValue(forKey: "data")
    let encoded = members.removeValue(forKey: "data_base64")
    switch (value, encoded) {
    case (let value?, nil), (let value?, .null?): self.init(attributes: members, data: .value(value))
    case (nil, nil), (nil, .null?): self.init(attributes: members, data: .none)
    case (nil, .string(let text)?):
      guard let bytes = Base64.decode(text) else {
        throw EnvelopeError("data_base64", "invalid", "This member is base 64 with padding (RFC 4648 section 4).")
      }
      self.init(attributes: members, data: .bytes(bytes))
    case (nil, let other?):
      throw EnvelopeError("data_base64", "wrong_type", "This member is a text, not \(other.kind).")
    case (_?, _?):
      throw EnvelopeError("data_base64", "invalid", "An event has data or data_base64, not both.")
    }
  }
}

extension EnvelopeError {
  /// One thing that is wrong.
  init(_ field: String, _ code: String, _ message: String) {
    self.init(problems: [Problem(field: field, code: code, message: message)])
  }
}
