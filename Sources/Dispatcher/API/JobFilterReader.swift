import WorkerKit

/// Reads a query into a filter of jobs.
enum JobFilterReader {
  /// The parameters of every list of jobs.
  static let parameters: Set<String> = [
    "tenant_id", "pipeline", "stage", "worker", "fingerprint", "since", "until", "limit", "before",
  ]

  static func read(_ query: [String: String]) throws(Problem) -> JobFilter {
    var (filter, items) = (JobFilter(), [Problem.Item]())
    filter.tenant = query["tenant_id"].map { TenantID($0) }
    filter.pipeline = query["pipeline"].map { PipelineName($0) }
    filter.stage = query["stage"].map { StageName($0) }
    filter.worker = query["worker"].map { WorkerName($0) }
    if let text = query["fingerprint"] {
      filter.fingerprint = Fingerprint(text)
      if filter.fingerprint == nil {
        items.append(.init(field: "fingerprint", code: "invalid", message: JobSelection.fingerprintForm))
      }
    }
    filter.endedFrom = EventFilterReader.moment("since", query["since"], &items)
    filter.endedBefore = EventFilterReader.moment("until", query["until"], &items)
    filter.before = query["before"].map { JobID($0) }
    if let text = query["limit"] {
      if let limit = Int(text), (1...1000).contains(limit) {
        filter.limit = limit
      } else {
        items.append(.init(field: "limit", code: "invalid", message: "A limit is a whole number from 1 to 1000."))
      }
    }
    for word in (query["state"] ?? "").split(separator: ",") {
      if let state = JobState(rawValue: word.uppercased()) {
        filter.states.insert(state)
      } else {
        let known = JobState.allCases.map(\.rawValue).joined(separator: ", ")
        items.append(.init(field: "state", code: "invalid", message: "A state is one of \(known)."))
      }
    }
    guard items.isEmpty else { throw .invalidQuery(items) }
    return filter
  }
}
