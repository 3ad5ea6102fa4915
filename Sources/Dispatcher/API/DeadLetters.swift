import WorkerKit

/// Reads dead letters by what a request asks for.
struct DeadLetters {
  let store: any JobStore

  /// How many are read at a time.
  private static let page = 200
  /// The most that one request reads.
  static let mostRead = 20_000
  /// The most pages that one request reads, where few of the jobs are meant.
  private static let mostPages = 200

  /// Up to `limit` dead letters, newest first, and where the next request goes on; nil where there are no more.
  func find(
    _ filter: JobFilter, kind: FailureKind? = nil, limit: Int
  ) async throws(DriverError) -> (jobs: [Job], next: JobID?) {
    var (filter, found, read, pages) = (filter, [Job](), 0, 0)
    while found.count < limit, read < Self.mostRead, pages < Self.mostPages {
      filter.limit = min(Self.page, limit - found.count)
      let page = try await store.find(filter)
      found += page.jobs.filter { kind == nil || $0.failure?.kind == kind }
      read += page.jobs.count
      pages += 1
      guard let next = page.next else { return (found, nil) }
      filter.before = next
    }
    return (found, filter.before)
  }
}

/// Dead letters of one cause.
struct DeadLetterGroup {
  let fingerprint: Fingerprint
  let failure: Failure
  /// The newest of them.
  let sample: JobID
  private(set) var count = 0
  private var first: Timestamp?
  private(set) var last: Timestamp?

  /// Puts jobs, the newest first, into groups; those with the newest failure come first.
  static func grouped(_ jobs: [Job]) -> [DeadLetterGroup] {
    var groups: [Fingerprint: DeadLetterGroup] = [:]
    for job in jobs {
      guard let failure = job.failure else { continue }
      let fingerprint = Fingerprint(of: failure, in: job.worker)
      var group =
        groups[fingerprint] ?? DeadLetterGroup(fingerprint: fingerprint, failure: failure, sample: job.id)
      group.add(job)
      groups[fingerprint] = group
    }
    return groups.values.sorted { ($0.last ?? $0.epoch, $0.sample) > ($1.last ?? $1.epoch, $1.sample) }
  }

  private init(fingerprint: Fingerprint, failure: Failure, sample: JobID) {
    self.fingerprint = fingerprint
    self.failure = failure
    self.sample = sample
  }

  private var epoch: Timestamp { Timestamp(milliseconds: 0) }

  private mutating func add(_ job: Job) {
    count += 1
    guard let end = job.standing.finishedAt else { return }
    first = min(first ?? end, end)
    last = max(last ?? end, end)
  }

  var json: JSON {
    .object([
      "fingerprint": .string(fingerprint.description), "count": .integer(Int64(count)),
      "worker": .string(fingerprint.worker.rawValue), "kind": .string(failure.kind.rawValue),
      "code": .string(failure.code), "message": .string(failure.message), "pattern": .string(failure.pattern),
      "first_at": .moment(first), "last_at": .moment(last), "sample": .string(sample.rawValue),
    ])
  }
}
