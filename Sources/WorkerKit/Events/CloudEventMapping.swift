extension EventEnvelope {
  /// Reads a CloudEvent as an envelope.
  ///
  /// | attribute | field |
  /// | --- | --- |
  /// | `id`, `source`, `type` | the same; all three are required |
  /// | `time` | `occurred_at` |
  /// | `subject` | `resource.id`; `resource.kind` is the extension `resourcekind`, or `subject` where there is none |
  /// | `tenantid` | `tenant_id`; required |
  /// | `actorid`, `correlationid` | `actor_id`, `correlation_id` |
  /// | `traceparent`, `tracestate` | the same (CloudEvents' Distributed Tracing extension) |
  /// | `dataschema` and all other extensions | `context`, as texts; an empty text is left out |
  /// | data | `payload`, as `CloudEventPayload` says |
  ///
  /// - Throws: An `EnvelopeError` that names every attribute that is wrong.
  public static func read(_ event: CloudEvent, now: Timestamp) throws(EnvelopeError) -> EventEnvelope {
    try CloudEventMapping.checkVersion(of: event)
    var mapping = CloudEventMapping(event)
    let envelope = mapping.envelope()
    var problems = mapping.problems
    do throws(EnvelopeError) {
      let read = try EventEnvelope.read(envelope, now: now)
      if problems.isEmpty { return read }
    } catch {
      problems += error.problems.map(CloudEventMapping.renamed)
    }
    throw EnvelopeError(problems: problems)
  }
}

/// Turns the attributes of a CloudEvent into the fields of an envelope.
struct CloudEventMapping {
  private let event: CloudEvent
  private(set) var problems: [EnvelopeError.Problem] = []

  init(_ event: CloudEvent) { self.event = event }

  /// Attributes that have a field of their own, and that field.
  private static let fields = [
    "id": "id", "source": "source", "type": "type", "time": "occurred_at", "tenantid": "tenant_id",
    "actorid": "actor_id", "correlationid": "correlation_id", "traceparent": "traceparent", "tracestate": "tracestate",
  ]
  /// Attributes that are looked at in other ways.
  private static let others: Set<String> = ["specversion", "subject", "resourcekind", "datacontenttype"]

  /// Refuses other versions before anything else is looked at, since attributes may mean other things there.
  static func checkVersion(of event: CloudEvent) throws(EnvelopeError) {
    guard let version = event.attributes["specversion"] else {
      throw EnvelopeError("specversion", "required", "This attribute is required; it is 1.0.")
    }
    guard version == "1.0" else {
      throw EnvelopeError(
        "specversion", "unsupported_version", "This is a CloudEvent of another version; send version 1.0.")
    }
  }

  /// The envelope as JSON, still to be checked as any other envelope.
  mutating func envelope() -> JSON {
    var envelope: [String: JSON] = [:]
    var context: [String: JSON] = [:]
    for name in event.attributes.keys.sorted() {
      guard let value = event.attributes[name], checkName(name) else { continue }
      if let field = Self.fields[name] {
        envelope[field] = value
      } else if !Self.others.contains(name), let text = text(of: value, name) {
        if text != "" { context[name] = text }
      }
    }
    require("source")
    envelope["resource"] = resource()
    if !context.isEmpty { envelope["context"] = .object(context) }
    envelope["payload"] = payload()
    return .object(envelope)
  }

  /// What a problem of an envelope's field is called where a CloudEvent was sent.
  static func renamed(_ problem: EnvelopeError.Problem) -> EnvelopeError.Problem {
    var (name, message) = (problem.field, problem.message)
    if let attribute = fields.first(where: { $0.value == name })?.key { name = attribute }
    if name == "tenantid", problem.code == "required" {
      message = "Say in the extension attribute tenantid which tenant the event belongs to."
    }
    switch name {
    case "resource.kind": name = "resourcekind"
    case "resource.id": name = "subject"
    case "payload": name = "data"
    case "context": name = "extensions"
    default: if name.hasPrefix("context.") { name.removeFirst("context.".count) }
    }
    return .init(field: name, code: problem.code, message: message)
  }

  /// Core specification, "Context Attributes": lower-case letters and digits, and never `data`.
  private mutating func checkName(_ name: String) -> Bool {
    let isName =
      !name.isEmpty && name != "data"
      && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
    if !isName {
      note(String(name.prefix(64)), "invalid", "An attribute's name is made of lower-case letters and digits.")
    }
    return isName
  }

  private mutating func require(_ name: String) {
    if event.attributes[name] == nil { note(name, "required", "This attribute is required.") }
  }

  /// The canonical text of an extension's value (core specification, "Type System").
  private mutating func text(of value: JSON, _ name: String) -> JSON? {
    switch value {
    case .string: return value
    case .bool(let flag): return flag ? "true" : "false"
    case .integer(let number): return .string(String(number))
    default:
      note(name, "wrong_type", "An attribute is a text, a whole number, true or false.")
      return nil
    }
  }

  private mutating func resource() -> JSON? {
    let kind = event.attributes["resourcekind"]
    guard let subject = event.attributes["subject"] else {
      if kind != nil {
        note("subject", "required", "The attribute resourcekind says what kind of thing subject names.")
      }
      return nil
    }
    return ["kind": kind ?? "subject", "id": subject]
  }

  private mutating func payload() -> JSON {
    do throws(EnvelopeError) {
      return try CloudEventPayload.read(event)
    } catch {
      problems += error.problems
      return .object([:])
    }
  }

  private mutating func note(_ field: String, _ code: String, _ message: String) {
    problems.append(.init(field: field, code: code, message: message))
  }
}
