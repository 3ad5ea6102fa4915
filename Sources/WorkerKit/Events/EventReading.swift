/// What is wrong with an envelope: every field that is, not only the first.
public struct EnvelopeError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One thing that is wrong.
  public struct Problem: Sendable, Hashable {
    /// The field, as a path: `resource.kind`.
    public let field: String
    /// A short fixed word: `required`, `unknown_field`, `wrong_type`, `too_long`, `invalid`, `unsupported_version`.
    public let code: String
    /// A sentence that says what was expected.
    public let message: String

    /// Describes one thing that is wrong.
    public init(field: String, code: String, message: String) {
      self.field = field
      self.code = code
      self.message = message
    }
  }

  public let problems: [Problem]

  /// Describes what is wrong; there is at least one problem.
  public init(problems: [Problem]) { self.problems = problems }

  /// One line for a person.
  public var description: String { problems.map { "\($0.field): \($0.message)" }.joined(separator: " ") }
}

extension EventEnvelope {
  /// Reads an envelope from outside. What is optional and absent gets its default; `occurred_at` gets `now`.
  /// - Throws: An `EnvelopeError` that names every field that is wrong.
  public static func read(_ value: JSON, now: Timestamp) throws(EnvelopeError) -> EventEnvelope {
    try read(value, now: now, allowingHops: false)
  }

  /// Reads back what a store kept: `bytes` of an envelope that was checked when it came in.
  /// - Throws: A `DriverError` of kind damaged when the bytes are no envelope.
  public static func restore(_ bytes: [UInt8]) throws(DriverError) -> EventEnvelope {
    do {
      return try read(JSONReader.parse(bytes), now: Timestamp(milliseconds: 0), allowingHops: true)
    } catch {
      throw DriverError(
        .damaged, "event_unreadable", "A kept event is not an envelope any more; restore the store from a backup.",
        detail: String(describing: error))
    }
  }

  private static func read(_ value: JSON, now: Timestamp, allowingHops: Bool) throws(EnvelopeError) -> EventEnvelope {
    guard case .object(let object) = value else {
      throw EnvelopeError(problems: [
        .init(field: "event", code: "wrong_type", message: "An event is a JSON object, not \(value.kind).")
      ])
    }
    var reader = EnvelopeFields(object: object)
    reader.refuseUnknown(allowingHops ? known.union(["hops"]) : known)
    let event = EventEnvelope(
      id: EventID(reader.text("id", limit: EventLimits.idCharacters, required: true) ?? ""),
      source: reader.text("source") ?? defaultSource,
      type: reader.word("type", form: .type) ?? "",
      version: reader.count("version") ?? 1,
      occurredAt: reader.moment("occurred_at") ?? now,
      tenant: TenantID(reader.word("tenant_id", form: .tenant) ?? ""),
      actor: reader.text("actor_id"),
      resource: reader.resource(),
      correlationID: reader.text("correlation_id"),
      traceParent: reader.text("traceparent"),
      traceState: reader.text("tracestate"),
      context: reader.texts("context", keys: nil),
      provenance: reader.texts("provenance", keys: ["source_ip", "user_agent", "plugin_id"]),
      hops: reader.count("hops") ?? 0,
      payload: reader.payload(checkingSize: !allowingHops))
    guard reader.problems.isEmpty else { throw EnvelopeError(problems: reader.problems) }
    return event
  }

  static let known: Set<String> = [
    "id", "source", "type", "version", "occurred_at", "tenant_id", "actor_id", "resource", "correlation_id",
    "traceparent", "tracestate", "context", "provenance", "payload",
  ]
}
