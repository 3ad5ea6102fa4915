import WorkerKit

/// Shows jobs that a host holds as RUNNING, though their start is written with their end.
struct LiveStates {
  let queue: any JobQueue

  func apply(to jobs: [Job]) async throws(DriverError) -> [Job] {
    let queued = jobs.filter { $0.standing.state == .queued }
    guard !queued.isEmpty else { return jobs }
    let answers = try await queue.known(queued.map { FencedJob(job: $0.id, fence: $0.standing.fence) })
    let leased = Set(zip(queued, answers).filter { $0.1.isLeased }.map(\.0.id))
    return jobs.map { job in
      guard leased.contains(job.id) else { return job }
      var job = job
      job.standing.state = .running
      return job
    }
  }
}

/// Lists jobs by the states that they are shown in.
struct LiveJobs {
  let store: any JobStore
  let queue: any JobQueue

  /// The most pages that are read for one: what is asked for may lie deep among what waits.
  private static let mostPages = 10

  /// A page of jobs, newest first, and where the next one begins; it may be short though there are more.
  func page(_ filter: JobFilter) async throws(DriverError) -> (jobs: [Job], next: JobID?) {
    var stored = filter
    // Of the two states a stored job may be shown in the other one, so both are read.
    let isOneOfTwo = filter.states.contains(.queued) != filter.states.contains(.running)
    if isOneOfTwo {
      stored.states.formUnion([.queued, .running])
      stored.limit = 1000
    }
    var found: [Job] = []
    for _ in 0..<Self.mostPages {
      let page = try await store.find(stored)
      found += try await LiveStates(queue: queue).apply(to: page.jobs).filter {
        filter.states.isEmpty || filter.states.contains($0.standing.state)
      }
      if found.count >= filter.limit { break }
      guard let next = page.next else { return (found, nil) }
      stored.before = next
    }
    let jobs = Array(found.prefix(filter.limit))
    return (jobs, jobs.count == filter.limit ? jobs.last?.id : stored.before)
  }
}

extension KnownAnswer {
  fileprivate var isLeased: Bool { if case .leased = self { true } else { false } }
}
