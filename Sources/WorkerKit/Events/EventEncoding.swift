extension EventEnvelope {
  /// The envelope as compact JSON, the form in which stores keep it.
  ///
  /// The payload comes last and is encoded once, so that a large one costs one pass.
  public var bytes: [UInt8] {
    var bytes = JSON.object(head).bytes()
    bytes.removeLast()
    bytes.append(contentsOf: #","payload":"#.utf8)
    bytes.append(contentsOf: payload.bytes())
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  /// The envelope as a value: what `${event.…}` and patterns look into.
  public var json: JSON {
    var object = head
    object["payload"] = payload
    return .object(object)
  }

  private var head: [String: JSON] {
    var head: [String: JSON] = [
      "id": .string(id.rawValue), "source": .string(source), "type": .string(type),
      "version": .integer(Int64(version)), "occurred_at": .string(occurredAt.description),
      "tenant_id": .string(tenant.rawValue),
    ]
    head["actor_id"] = actor.map { .string($0) }
    head["resource"] = resource.map { .object(["kind": .string($0.kind), "id": .string($0.id)]) }
    head["correlation_id"] = correlationID.map { .string($0) }
    head["traceparent"] = traceParent.map { .string($0) }
    head["tracestate"] = traceState.map { .string($0) }
    if !context.isEmpty { head["context"] = .object(context.mapValues { .string($0) }) }
    if !provenance.isEmpty { head["provenance"] = .object(provenance.mapValues { .string($0) }) }
    if hops > 0 { head["hops"] = .integer(Int64(hops)) }
    return head
  }
}
