extension EventEnvelope {
  /// The envelope as compact JSON, the form in which stores keep it.
  ///
  /// The payload comes last and is encoded once, so that a large one costs one pass.
  public var bytes: [UInt8] {
    var writer = JSONWriter()
    writer.append(members: head + [("payload", payload)])
    return writer.bytes
  }

  /// The envelope as a value: what `${event.…}` and patterns look into.
  public var json: JSON {
    var object = Dictionary(uniqueKeysWithValues: head)
    object["payload"] = payload
    return .object(object)
  }

  /// What `json` has under a name; nil where it has nothing, without the work of making all of it.
  public func member(_ name: String) -> JSON? {
    name == "payload" ? payload : Self.members.first { $0.key == name }?.value(self)
  }

  /// All but the payload, by name: each event is written, and few are looked into.
  private var head: [(key: String, value: JSON)] {
    Self.members.compactMap { key, value in value(self).map { (key, $0) } }
  }

  private static let members: [(key: String, value: @Sendable (EventEnvelope) -> JSON?)] = [
    ("actor_id", { $0.actor.map { .string($0) } }),
    ("context", { $0.context.isEmpty ? nil : .object($0.context.mapValues { .string($0) }) }),
    ("correlation_id", { $0.correlationID.map { .string($0) } }),
    ("hops", { $0.hops > 0 ? .integer(Int64($0.hops)) : nil }),
    ("id", { .string($0.id.rawValue) }),
    ("occurred_at", { .string($0.occurredAt.description) }),
    ("provenance", { $0.provenance.isEmpty ? nil : .object($0.provenance.mapValues { .string($0) }) }),
    ("resource", { $0.resource.map { .object(["kind": .string($0.kind), "id": .string($0.id)]) } }),
    ("source", { .string($0.source) }),
    ("tenant_id", { .string($0.tenant.rawValue) }),
    ("traceparent", { $0.traceParent.map { .string($0) } }),
    ("tracestate", { $0.traceState.map { .string($0) } }),
    ("type", { .string($0.type) }),
    ("version", { .integer(Int64($0.version)) }),
  ]
}
