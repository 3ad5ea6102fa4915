/// A page of runs, newest first.
public struct FoundRuns: Sendable, Hashable {
  public let runs: [RunRecord]
  /// Before which run the next page begins; nil where there is none. A page may hold fewer runs than were asked for,
  /// even none, and still have a next one: a store looks through a bounded number of runs at a time.
  public let next: RunID?

  /// Describes a page.
  public init(runs: [RunRecord], next: RunID?) {
    self.runs = runs
    self.next = next
  }
}

extension JobReading {
  /// Runs, newest first, as many as `filter` wants where there are as many. Reads page after page, to the end of
  /// history for what is rare: not for a request that somebody waits for.
  public func runs(_ filter: RunFilter) async throws(DriverError) -> [RunRecord] {
    var (filter, found, wanted) = (filter, [RunRecord](), filter.limit)
    while true {
      let page = try await find(filter)
      found += page.runs
      wanted -= page.runs.count
      guard wanted > 0, let next = page.next else { return found }
      (filter.before, filter.limit) = (next, wanted)
    }
  }
}
