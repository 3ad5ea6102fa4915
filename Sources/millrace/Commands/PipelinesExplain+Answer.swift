import WorkerKit

/// Whether an event matches one pattern.
struct PatternAnswer {
  /// The pipeline's; nil for a pattern alone.
  let name: String?
  /// Nil where it matches.
  let mismatch: PatternMismatch?

  /// A line for a person, and one more for each alternative of a `$or` that fails.
  var text: String {
    let head = name.map { "\($0): " } ?? ""
    guard let mismatch else { return "\(head)match" }
    guard case .alternatives(let mismatches) = mismatch.cause else { return "\(head)no match: \(Self.line(mismatch))" }
    return (["\(head)no match: no alternative of $or matches"] + mismatches.map { "  \(Self.line($0))" })
      .joined(separator: "\n")
  }

  /// The answer for programs.
  var json: JSON {
    var members: [String: JSON] = ["match": .bool(mismatch == nil)]
    members["pipeline"] = name.map { .string($0) }
    members["mismatch"] = mismatch.map(Self.json)
    return .object(members)
  }

  private static func line(_ mismatch: PatternMismatch) -> String {
    guard let found = mismatch.found?.text() else { return mismatch.reason }
    return "\(mismatch.reason); found \(found.count > 200 ? found.prefix(200) + "…" : found[...])"
  }

  private static func json(_ mismatch: PatternMismatch) -> JSON {
    var members: [String: JSON] = ["reason": .string(mismatch.reason), "cause": .string(mismatch.cause.word)]
    if case .alternatives(let mismatches) = mismatch.cause {
      members["alternatives"] = .array(mismatches.map(json))
    } else {
      members["path"] = .array(mismatch.path.map { .string($0) })
      members["found"] = mismatch.found
      if !mismatch.tests.isEmpty { members["expected"] = .array(mismatch.tests.map { .string($0.description) }) }
    }
    return .object(members)
  }
}
