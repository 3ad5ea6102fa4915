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

  /// All but the payload, by name: each event is written, and few are looked into.
  private var head: [(key: String, value: JSON)] {
    let members: [(key: String, value: JSON?)] = [
      ("actor_id", actor.map { .string($0) }),
      ("context", context.isEmpty ? nil : .object(context.mapValues { .string($0) })),
      ("correlation_id", correlationID.map { .string($0) }),
      ("hops", hops > 0 ? .integer(Int64(hops)) : nil),
      ("id", .string(id.rawValue)),
      ("occurred_at", .string(occurredAt.description)),
      ("provenance", provenance.isEmpty ? nil : .object(provenance.mapValues { .string($0) })),
      ("resource", resource.map { .object(["kind": .string($0.kind), "id": .string($0.id)]) }),
      ("source", .string(source)),
      ("tenant_id", .string(tenant.rawValue)),
      ("traceparent", traceParent.map { .string($0) }),
      ("tracestate", traceState.map { .string($0) }),
      ("type", .string(type)),
      ("version", .integer(Int64(version))),
    ]
    return members.compactMap { key, value in value.map { (key, $0) } }
  }
}
