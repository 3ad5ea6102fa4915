import WorkerKit

/// A kind of pipelines: what they have in common, and what tells those apart that match.
struct PatternShape: Sendable {
  let name: String
  /// The pattern of a pipeline, which matches where it should.
  let match: @Sendable (_ number: Int, _ isMatching: Bool) -> String

  /// A pipeline file.
  func pipeline(_ number: Int, isMatching: Bool) -> String {
    """
    pipeline: p\(number)
    trigger:
      event: MediaUploaded
      match: \(match(number, isMatching))
    stages: { work: { uses: bench.noop } }
    """
  }

  /// Each pipeline of the first three shapes asks for a field that all have in common, and for one of its own.
  static let all = [
    PatternShape(name: "exact values (content type, tenant)") { number, isMatching in
      "{ payload: { content_type: [image/png] }, tenant_id: [\(isMatching ? "acme" : "tenant\(number)")] }"
    },
    PatternShape(name: "prefixes and a range") { number, isMatching in
      let prefix = isMatching ? "uploads/acme/" : "uploads/tenant\(number)/"
      return "{ payload: { object_key: [{ prefix: \(prefix) }], bytes: [{ numeric: [\">\", 1000] }] } }"
    },
    PatternShape(name: "wildcards, anything-but") { number, isMatching in
      let folder = isMatching ? "acme" : "tenant\(number)"
      return "{ payload: { object_key: [{ wildcard: \"*/\(folder)/*.png\" }], state: [{ anything-but: draft }] } }"
    },
    PatternShape(name: "every operator in turn") { number, isMatching in
      mixed[number % mixed.count](isMatching ? nil : number)
    },
  ]

  /// Patterns by operator; nil asks for what the event has.
  private static let mixed: [@Sendable (Int?) -> String] = [
    { "{ actor_id: [\($0.map { "user\($0)" } ?? "u-17")] }" },
    { "{ payload: { object_key: [{ prefix: \($0.map { "a\($0)/" } ?? "uploads/") }] } }" },
    { "{ payload: { object_key: [{ suffix: { equals-ignore-case: \($0.map { ".x\($0)" } ?? ".PNG") } }] } }" },
    { "{ payload: { object_key: [{ wildcard: \"*/\($0.map { "w\($0)" } ?? "acme")/*\" }] } }" },
    { "{ payload: { bytes: [{ numeric: [\">\", \($0.map { 100_000_000 + $0 } ?? 5)] }] } }" },
    { "{ provenance: { source_ip: [{ cidr: \($0.map { "11.\($0 / 256).\($0 % 256).0/24" } ?? "10.1.0.0/16") }] } }" },
    { "{ payload: { state: [{ equals-ignore-case: \($0.map { "S\($0)" } ?? "DONE") }] } }" },
    { "{ context: { k\($0 ?? 0): [{ exists: \($0 != nil) }] } }" },
    { "{ payload: { state: [{ anything-but: draft }] }, tenant_id: [\($0.map { "t\($0)" } ?? "acme")] }" },
    { "{ $or: [{ actor_id: [\($0.map { "a\($0)" } ?? "u-17")] }, { actor_id: [b\($0 ?? 0)] }] }" },
  ]

  static let event: JSON = [
    "id": "01J8Z0000000000000000000AB", "source": "api", "type": "MediaUploaded", "version": 1,
    "occurred_at": "2025-01-01T00:00:00.000Z", "tenant_id": "acme", "actor_id": "u-17", "correlation_id": "r-9",
    "resource": ["kind": "document", "id": "d-5"], "provenance": ["source_ip": "10.1.2.3"],
    "payload": [
      "object_key": "uploads/acme/2025/01/holiday.png", "content_type": "image/png", "bytes": 483_112, "state": "done",
    ],
  ]
}
