/// What becomes of a CloudEvent's data.
///
/// - No data: `{}`.
/// - JSON by its `datacontenttype`, or without one in the JSON event format: the value itself.
/// - Text (`text/*`, XML) in UTF-8, and every text that came as `data` of the JSON event format:
///   `{"content_type": …, "data": TEXT}`.
/// - Anything else: `{"content_type": …, "data_base64": TEXT}`. Bytes of no type have no `content_type`.
enum CloudEventPayload {
  /// Reads an event's data.
  /// - Throws: An `EnvelopeError` that names `datacontenttype` or `data`.
  static func read(_ event: CloudEvent) throws(EnvelopeError) -> JSON {
    let type = try self.type(of: event)
    switch event.data {
    case .none: return .object([:])
    case .value(let value): return try payload(of: value, type)
    case .bytes(let bytes): return try payload(of: bytes, type)
    }
  }

  private static func type(of event: CloudEvent) throws(EnvelopeError) -> ContentType? {
    guard let value = event.attributes["datacontenttype"] else { return nil }
    guard case .string(let text) = value else {
      throw EnvelopeError("datacontenttype", "wrong_type", "This attribute is a text, not \(value.kind).")
    }
    guard let type = ContentType(text) else {
      throw EnvelopeError("datacontenttype", "invalid", "This attribute is a media type like text/plain.")
    }
    return type
  }

  /// Data of the JSON event format (its section 3.1.2): without a type it is JSON.
  private static func payload(of value: JSON, _ type: ContentType?) throws(EnvelopeError) -> JSON {
    guard let type, !type.isJSON else { return value }
    guard case .string = value else {
      throw EnvelopeError(
        "data", "wrong_type", "Data whose datacontenttype is not JSON is a text, or stands in data_base64.")
    }
    return ["content_type": .string(type.text), "data": value]
  }

  private static func payload(of bytes: [UInt8], _ type: ContentType?) throws(EnvelopeError) -> JSON {
    guard let type else { return ["data_base64": .string(Base64.encode(bytes))] }
    if type.isJSON { return try json(bytes) }
    guard type.isText, type.isUTF8 else {
      return ["content_type": .string(type.text), "data_base64": .string(Base64.encode(bytes))]
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw EnvelopeError("data", "invalid", "The data is not UTF-8; name its encoding as charset in its content type.")
    }
    return ["content_type": .string(type.text), "data": .string(text)]
  }

  private static func json(_ bytes: [UInt8]) throws(EnvelopeError) -> JSON {
    do throws(JSONError) {
      return try JSONReader.parse(bytes)
    } catch {
      throw EnvelopeError(
        "data", "invalid",
        "The data is not the JSON that its content type says: line \(error.line), column \(error.column): "
          + "\(error.message).")
    }
  }
}
