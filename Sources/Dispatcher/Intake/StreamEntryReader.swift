import WorkerKit

/// Reads the event of a stream's entry: the field `event`, which holds a CloudEvent or an envelope of our own in JSON.
struct StreamEntryReader {
  let schemas: EventSchemas
  let now: Timestamp

  /// The one field of an entry.
  static let field = "event"
  /// The longest reason, in characters: an envelope may have very many things wrong.
  private static let longestReason = 1000

  /// The event.
  /// - Throws: Why it may not come in.
  func event(of entry: StreamEntry) throws(StreamRefusal) -> EventEnvelope {
    let value = try json(of: entry)
    let event: EventEnvelope
    do throws(EnvelopeError) {
      event = try Self.isCloudEvent(value) ? .read(CloudEvent(json: value), now: now) : .read(value, now: now)
    } catch {
      throw StreamRefusal("not_an_event", String(error.description.prefix(Self.longestReason)))
    }
    if let violation = schemas.violations(of: event).first {
      throw StreamRefusal(
        "breaks_schema",
        String("\(violation.pointer) \(violation.keyword): \(violation.expectation)".prefix(Self.longestReason)))
    }
    return event
  }

  private func json(of entry: StreamEntry) throws(StreamRefusal) -> JSON {
    guard case .fields(let fields) = entry.content else {
      throw StreamRefusal("too_large", "The entry has more bytes than an event may have; refer to what is large.")
    }
    guard fields.count == 1, let field = fields.first, field.name == Self.field else {
      throw StreamRefusal("wrong_fields", "An entry has the field event and no other: XADD KEY * event JSON.")
    }
    do throws(JSONError) { return try JSONReader.parse(field.value) } catch {
      throw StreamRefusal("not_json", "Line \(error.line), column \(error.column): \(error.message).")
    }
  }

  /// Envelopes of our own know no `specversion`, and CloudEvents cannot be without.
  private static func isCloudEvent(_ value: JSON) -> Bool { value["specversion"] != nil }
}
