import WorkerKit

/// The body of a cancellation: who asks, and why.
struct CancelWish {
  private let by: String
  private let reason: String

  init(_ body: JSON) throws(Problem) {
    var reader = BodyReader(body, known: ["by", "reason"])
    by = reader.text("by", isRequired: true) ?? ""
    reason = reader.text("reason", isRequired: true) ?? ""
    try Self.check(reader.items)
  }

  func request(_ target: CancelRequest.Target) -> CancelRequest { CancelRequest(target, by: by, reason: reason) }

  static func check(_ items: [Problem.Item]) throws(Problem) {
    guard !items.isEmpty else { return }
    throw Problem(
      400, "invalid_cancel", "A cancellation is an object with by and reason; nothing was cancelled.", items: items)
  }
}

/// The body of a cancellation of many jobs: which, who asks, and why.
struct ManyCancelWish {
  let selection: JobSelection
  let isPreview: Bool
  private let by: String
  private let reason: String

  init(_ body: JSON) throws(Problem) {
    var reader = BodyReader(
      body, known: JobSelection.fields.subtracting(["since", "until"]).union(["dry_run", "by", "reason"]))
    selection = JobSelection(&reader, states: [.pending, .queued, .running])
    isPreview = reader.flag("dry_run")
    by = reader.text("by", isRequired: !isPreview) ?? ""
    reason = reader.text("reason", isRequired: !isPreview) ?? ""
    try CancelWish.check(reader.items)
  }

  func request(_ target: CancelRequest.Target) -> CancelRequest { CancelRequest(target, by: by, reason: reason) }
}
