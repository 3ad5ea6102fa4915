import WorkerKit

/// The body of a replay: which dead letters, who asks, and why.
struct ReplayWish {
  let jobs: [(id: JobID, fence: Fence?)]
  let by: String
  let reason: String

  /// The most jobs of one request.
  static let mostJobs = 1000
  /// The longest `by` and `reason`, in characters.
  static let longestText = 1000

  init(_ body: JSON) throws(Problem) {
    var items: [Problem.Item] = []
    jobs = Self.jobs(in: body, &items)
    by = Self.text("by", in: body, &items)
    reason = Self.text("reason", in: body, &items)
    if case .object(let members) = body {
      for key in members.keys.sorted() where !["jobs", "by", "reason"].contains(key) {
        items.append(
          .init(field: String(key.prefix(100)), code: "unknown_field", message: "There is no such field."))
      }
    }
    guard items.isEmpty else {
      throw Problem(
        400, "invalid_replay", "A replay is an object with jobs, by and reason; nothing was replayed.", items: items)
    }
  }

  private static func jobs(in body: JSON, _ items: inout [Problem.Item]) -> [(id: JobID, fence: Fence?)] {
    guard case .array(let values)? = body["jobs"], (1...mostJobs).contains(values.count) else {
      items.append(
        .init(field: "jobs", code: "invalid", message: "This field is an array of 1 to \(mostJobs) jobs."))
      return []
    }
    return values.enumerated().compactMap { index, value in
      switch (value["id"], value["fence"]) {
      case (.string(let id)?, nil), (.string(let id)?, .null?): return (JobID(id), nil)
      case (.string(let id)?, .integer(let fence)?): return (JobID(id), Fence(rawValue: fence))
      default:
        items.append(
          .init(
            index: index, field: "jobs", code: "invalid",
            message: "A job is an object with id, a text, and perhaps fence, a whole number."))
        return nil
      }
    }
  }

  private static func text(_ field: String, in body: JSON, _ items: inout [Problem.Item]) -> String {
    guard case .string(let text)? = body[field], (1...longestText).contains(text.count) else {
      items.append(
        .init(field: field, code: "required", message: "This field is a text of 1 to \(longestText) characters."))
      return ""
    }
    return text
  }
}
