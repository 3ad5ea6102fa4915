/// An immutable fact that an API emits: the envelope of the design, section 3.
///
/// An envelope is made by `EventEnvelope.read(_:now:)`, which checks what comes from outside, or by the planner, for
/// the events that pipelines emit.
public struct EventEnvelope: Sendable, Hashable {
  /// Deduplicated by tenant, source and id.
  public var id: EventID
  /// Who sent it: CloudEvents' `source`.
  public var source: String
  /// What happened: `MediaUploaded`.
  public var type: String
  /// The version of the payload's schema; at least 1.
  public var version: Int
  public var occurredAt: Timestamp
  public var tenant: TenantID
  /// The user, service or plugin that acted.
  public var actor: String?
  public var resource: Resource?
  /// The request that caused it; travels into every log line.
  public var correlationID: String?
  /// W3C Trace Context's `traceparent`.
  public var traceParent: String?
  /// W3C Trace Context's `tracestate`.
  public var traceState: String?
  /// Texts that travel into logs: `request_id`, `user_id`, `workspace_id`, `document_id`, `revision_id`, … Keys are
  /// words of up to 64 letters, digits, dots, hyphens and underscores.
  public var context: [String: String]
  /// Where the request came from: `source_ip`, `user_agent`, `plugin_id`.
  public var provenance: [String: String]
  /// How many pipelines have passed it on; the guard against events that cause each other for ever.
  public var hops: Int
  /// Free-form; at most `EventLimits.payloadBytes`.
  public var payload: JSON

  /// The thing an event is about.
  public struct Resource: Sendable, Hashable {
    public let kind: String
    public let id: String

    /// Names a thing.
    public init(kind: String, id: String) {
      self.kind = kind
      self.id = id
    }
  }

  /// Puts an envelope together without checking it.
  public init(
    id: EventID, source: String = EventEnvelope.defaultSource, type: String, version: Int = 1, occurredAt: Timestamp,
    tenant: TenantID, actor: String? = nil, resource: Resource? = nil, correlationID: String? = nil,
    traceParent: String? = nil, traceState: String? = nil, context: [String: String] = [:],
    provenance: [String: String] = [:], hops: Int = 0, payload: JSON
  ) {
    self.id = id
    self.source = source
    self.type = type
    self.version = version
    self.occurredAt = occurredAt
    self.tenant = tenant
    self.actor = actor
    self.resource = resource
    self.correlationID = correlationID
    self.traceParent = traceParent
    self.traceState = traceState
    self.context = context
    self.provenance = provenance
    self.hops = hops
    self.payload = payload
  }

  /// The source of events whose sender names none: the tenant's API.
  public static let defaultSource = "api"

  /// The fields that travel with the jobs that the event causes: into their log lines, and, under `traceparent` and
  /// `tracestate`, the trace that they belong to. A trace context that is none is left behind.
  public var logFields: [String: String] {
    var fields = context
    if let correlationID { fields["correlation_id"] = correlationID }
    let trace = trace
    fields[TraceField.parent] = trace?.traceParent
    fields[TraceField.state] = trace?.state
    return fields
  }

  /// The event's place in a trace; nil where it has none, or none that W3C Trace Context knows.
  public var trace: TraceContext? {
    traceParent.flatMap { TraceContext(traceParent: $0, traceState: traceState) }
  }
}

/// The bounds of an envelope.
public enum EventLimits {
  /// The longest payload, in bytes of compact JSON; larger things go to object storage and are referred to.
  public static let payloadBytes = 256 * 1024
  /// The longest id, in Unicode scalars.
  public static let idCharacters = 128
  /// The longest other text, in Unicode scalars.
  public static let textCharacters = 1024
  /// The most entries of `context`.
  public static let contextEntries = 32
  /// The most hops; an event that would make one more is not emitted.
  public static let hops = 16
}
