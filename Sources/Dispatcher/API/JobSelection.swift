import WorkerKit

/// Which jobs a request of many is about, as its body says: a filter that must name something, and how many.
struct JobSelection {
  private(set) var filter = JobFilter()
  /// The most jobs that this request looks for.
  let limit: Int
  /// Where a request before this one ended.
  let before: JobID?

  /// The most jobs of one request.
  static let mostJobs = 1000
  /// The members that it reads.
  static let fields: Set<String> = [
    "state", "tenant_id", "pipeline", "stage", "worker", "fingerprint", "since", "until", "all", "limit", "before",
  ]

  /// Reads a selection of jobs in one of `states`; `narrowed` says that something else narrows it already.
  init(_ reader: inout BodyReader, states: [JobState], narrowed: Bool = false) {
    filter.states = reader.states("state", among: states)
    filter.tenant = reader.text("tenant_id").map { TenantID($0) }
    filter.pipeline = reader.text("pipeline").map { PipelineName($0) }
    filter.stage = reader.text("stage").map { StageName($0) }
    filter.worker = reader.text("worker").map { WorkerName($0) }
    if let text = reader.text("fingerprint") {
      filter.fingerprint = Fingerprint(text)
      if filter.fingerprint == nil { reader.note("fingerprint", "invalid", Self.fingerprintForm) }
    }
    filter.endedFrom = reader.moment("since")
    filter.endedBefore = reader.moment("until")
    before = reader.text("before").map { JobID($0) }
    limit = reader.number("limit", within: 1...Self.mostJobs) ?? Self.mostJobs
    filter.limit = limit
    filter.before = before
    let isNarrowed = narrowed || filter.isNarrowed || filter.states.count < states.count
    if !reader.flag("all"), !isNarrowed {
      reader.note("all", "required", "Name what the jobs have in common, or say that all of them are meant.")
    }
  }

  /// What a fingerprint looks like, for whoever sent something else.
  static let fingerprintForm = "A fingerprint is a text like media.thumbnails:3fa9c1d2e4b5; /v1/dead/groups lists them."
}

extension JobFilter {
  /// True where it asks for more than states.
  fileprivate var isNarrowed: Bool {
    tenant != nil || pipeline != nil || stage != nil || worker != nil || fingerprint != nil || endedFrom != nil
      || endedBefore != nil
  }
}
