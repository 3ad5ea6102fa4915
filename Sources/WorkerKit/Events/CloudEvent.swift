/// An event as CloudEvents 1.0.2 describes it, before it is read as an envelope.
///
/// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
public struct CloudEvent: Sendable, Hashable {
  /// The context attributes by name, extensions among them. One that is unset is absent.
  public let attributes: [String: JSON]
  public let data: Content

  /// What an event carries.
  public enum Content: Sendable, Hashable {
    /// Nothing.
    case none
    /// A JSON value where the `datacontenttype` is JSON, otherwise a text.
    case value(JSON)
    /// Bytes of the `datacontenttype`.
    case bytes([UInt8])
  }

  /// Puts an event together; attributes that are `null` count as unset (JSON event format, section 2.2).
  public init(attributes: [String: JSON], data: Content) {
    self.attributes = attributes.filter { $0.value != .null }
    self.data = data
  }
}
