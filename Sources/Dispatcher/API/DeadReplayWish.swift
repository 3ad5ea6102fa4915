import WorkerKit

/// The body of a replay of many dead letters: which, who asks, and why.
struct DeadReplayWish {
  let selection: JobSelection
  let kind: FailureKind?
  let isPreview: Bool
  let by: String
  let reason: String

  private static let fields = JobSelection.fields.union(["kind", "dry_run", "by", "reason"])

  init(_ body: JSON) throws(Problem) {
    var reader = BodyReader(body, known: Self.fields.union(["jobs"]))
    let word = reader.text("kind")
    kind = word.flatMap { FailureKind(rawValue: $0) }
    if word != nil, kind == nil {
      let known = FailureKind.allCases.map(\.rawValue).joined(separator: ", ")
      reader.note("kind", "invalid", "A kind is one of \(known).")
    }
    selection = JobSelection(&reader, states: [.failed, .timedOut], narrowed: kind != nil)
    isPreview = reader.flag("dry_run")
    by = reader.text("by", isRequired: !isPreview) ?? ""
    reason = reader.text("reason", isRequired: !isPreview) ?? ""
    try Self.check(reader.items)
  }

  static func check(_ items: [Problem.Item]) throws(Problem) {
    guard !items.isEmpty else { return }
    throw Problem(
      400, "invalid_replay",
      "A replay is an object with jobs, or with what dead letters have in common, and by and reason; nothing was "
        + "replayed.", items: items)
  }

  /// True for a body that names no jobs one by one, but what they have in common.
  static func isMeant(by body: JSON) -> Bool {
    guard case .object(let members) = body, members["jobs"] == nil else { return false }
    return !members.keys.allSatisfy { ["by", "reason"].contains($0) || !fields.contains($0) }
  }
}
