import WorkerKit

/// The body of a replay: which dead letters, who asks, and why.
struct ReplayWish {
  let jobs: [(id: JobID, fence: Fence?)]
  let by: String
  let reason: String

  /// The most jobs of one request.
  static let mostJobs = 1000
  init(_ body: JSON) throws(Problem) {
    var reader = BodyReader(body, known: ["jobs", "by", "reason"])
    var items: [Problem.Item] = []
    jobs = Self.jobs(in: body, &items)
    by = reader.text("by", isRequired: true) ?? ""
    reason = reader.text("reason", isRequired: true) ?? ""
    items += reader.items
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
}
