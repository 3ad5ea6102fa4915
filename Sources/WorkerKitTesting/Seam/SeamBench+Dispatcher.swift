internal import WorkerKit

/// What a dispatcher does besides taking events in.
extension SeamBench {
  func standing(of job: JobID, file: String = #fileID, line: Int = #line) async throws -> JobStanding {
    try require(try await store.job(job)?.standing, "The job can be read.", file: file, line: line)
  }

  /// Asks the store about every lease that ran out, pushes what it raised, and finishes the rest.
  @discardableResult
  func reap() async throws -> [ReissueAnswer] {
    let expired = try await queue.expired(limit: 1000)
    guard !expired.isEmpty else { return [] }
    let result = try await store.reissue(expired.map(\.claim), because: .lost)
    try await deliver(result.handoff)
    let dropped = zip(expired, result.answers).filter { $0.1 != .raised }.map(\.0)
    if !dropped.isEmpty { _ = try await queue.finish(dropped) }
    return result.answers
  }

  /// Asks the queue about overdue handoffs, and gives what it does not know a new fence.
  @discardableResult
  func reconcile() async throws -> [ReissueAnswer] {
    let due = try await store.due(limit: 1000)
    guard !due.isEmpty else { return [] }
    let jobs = due.flatMap(\.jobs)
    let known = try await queue.known(jobs)
    let unknown = zip(jobs, known).filter { $0.1 == .unknown }.map(\.0)
    let result = try await store.reissue(unknown, because: .overdue)
    try await deliver(result.handoff)
    try await store.arrived(due.map(\.id))
    return result.answers
  }

  /// Begins the next epoch and fills the queue again; gives what each page handed over.
  @discardableResult
  func changeEpoch(page: Int = 100, under controls: QueueControls = QueueControls()) async throws -> [Handoff] {
    let epoch = try await store.advanceEpoch()
    try await queue.open(epoch, under: controls)
    var (handoffs, cursor): ([Handoff], JobID?) = ([], nil)
    repeat {
      let page = try await store.refill(in: epoch, after: cursor, limit: page)
      try await deliver(page.handoff)
      if let handoff = page.handoff { handoffs.append(handoff) }
      cursor = page.next
      try expect(handoffs.count < 1000, "Filling a queue comes to an end.")
    } while cursor != nil
    return handoffs
  }

  /// Expects that the queue holds nothing, and that nothing is overdue an hour later.
  func expectEmpty(_ why: String, file: String = #fileID, line: Int = #line) async throws {
    let depths = try await queue.depths()
    let left = depths.map { $0.waiting + $0.leased }.reduce(0, +)
    try expect(left, is: 0, "\(why) The queue is empty.", file: file, line: line)
    time.advance(by: .seconds(3600))
    let due = try await store.due(limit: 10)
    try expect(due, is: [], "\(why) Nothing is overdue.", file: file, line: line)
    let expired = try await queue.expired(limit: 10)
    try expect(expired, is: [], "\(why) No lease runs out.", file: file, line: line)
  }
}
