public import WorkerKit

/// What a check works with: a store, its queue, and the clock that both of them read.
///
/// The helpers play the parts of dispatcher and host in the order that the seam asks for: commit, push, then finish.
/// They serve stores that hand over and stores that move their queue themselves alike.
public struct SeamBench: Sendable {
  public let store: any JobStore
  public let queue: any JobQueue
  public let time: ManualTime
  public let environment: Environment

  /// Sets up a bench; `environment` reads `time`.
  public init(store: any JobStore, queue: any JobQueue, time: ManualTime, environment: Environment) {
    self.store = store
    self.queue = queue
    self.time = time
    self.environment = environment
  }

  /// A run that a check asks for, with the ids that it will have.
  struct Wanted: Sendable {
    let event: EventEnvelope
    let run: RunID
    let stages: [StageName]
    let jobs: [JobID]
  }

  static let host: HostID = "01HOST00000000000000000001"
  static let leaseLength = Duration.seconds(15)
  static let pipeline: PipelineName = "checks"
  static let revision = RevisionHash(String(repeating: "0", count: 64))
  static let tenant: TenantID = "acme"

  /// Makes up an event of its own id; time moves on by a millisecond, so that ids sort in the order of creation.
  func event(id: EventID? = nil, tenant: TenantID = Self.tenant, source: String = "api") -> EventEnvelope {
    time.advance(by: .milliseconds(1))
    return EventEnvelope(
      id: id ?? EventID(environment.id()), source: source, type: "Checked", occurredAt: time.now, tenant: tenant,
      payload: .object(["size": 1]))
  }

  /// Makes up runs, one for each of `count` events, with a job for each stage.
  func wanted(
    _ count: Int = 1, stages: [StageName] = ["work"], tenant: TenantID = Self.tenant
  ) -> [Wanted] {
    (0..<count).map { _ in
      let event = event(tenant: tenant)
      let run = RunID(environment.id())
      let jobs = stages.map { _ in
        time.advance(by: .milliseconds(1))
        return JobID(environment.id())
      }
      return Wanted(event: event, run: run, stages: stages, jobs: jobs)
    }
  }

  /// Records and routes what is wanted, and does not push it.
  func commit(
    _ wanted: [Wanted], queue: QueueName = .standard, worker: WorkerName = "checks.work"
  ) async throws -> RouteResult {
    _ = try await store.record(wanted.map(\.event))
    return try await store.route(limit: wanted.count, plan: Plans.starting(wanted, queue: queue, worker: worker))
  }

  /// Records, routes and pushes runs with a job for each stage; gives them in the order of their events.
  @discardableResult
  func start(
    _ count: Int = 1, stages: [StageName] = ["work"], queue: QueueName = .standard,
    worker: WorkerName = "checks.work", tenant: TenantID = Self.tenant
  ) async throws -> [Wanted] {
    let wanted = wanted(count, stages: stages, tenant: tenant)
    try await deliver(commit(wanted, queue: queue, worker: worker).handoff)
    return wanted
  }

  /// Starts a run of one stage and gives its job.
  func startOne(worker: WorkerName = "checks.work") async throws -> JobID {
    try require(try await start(worker: worker).first?.jobs.first, "A run of one stage has one job.")
  }

  /// Pushes what a store handed over, and tells the store that it arrived.
  @discardableResult
  func deliver(_ handoff: Handoff?) async throws -> [PushAnswer] {
    guard let handoff else { return [] }
    let answers = try await queue.push(handoff)
    // What was refused has not arrived: its jobs stay overdue until somebody asks about them.
    if !answers.contains(.refused) { try await store.arrived([handoff.id]) }
    return answers
  }
}
