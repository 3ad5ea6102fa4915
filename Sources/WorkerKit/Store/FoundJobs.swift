/// A page of jobs, newest first.
public struct FoundJobs: Sendable, Hashable {
  public let jobs: [Job]
  /// Before which job the next page begins; nil where there is none. A page may hold fewer jobs than were asked for,
  /// even none, and still have a next one: a store looks through a bounded number of jobs at a time.
  public let next: JobID?

  /// Describes a page.
  public init(jobs: [Job], next: JobID?) {
    self.jobs = jobs
    self.next = next
  }
}

extension JobReading {
  /// Jobs, newest first, as many as `filter` wants where there are as many. Reads page after page, to the end of
  /// history for what is rare: not for a request that somebody waits for.
  public func jobs(_ filter: JobFilter) async throws(DriverError) -> [Job] {
    var (filter, found, wanted) = (filter, [Job](), filter.limit)
    while true {
      let page = try await find(filter)
      found += page.jobs
      wanted -= page.jobs.count
      guard wanted > 0, let next = page.next else { return found }
      (filter.before, filter.limit) = (next, wanted)
    }
  }
}
