internal import WorkerKit

/// The tables of an in-memory store.
struct StoreState: Sendable {
  struct StoredRun: Sendable {
    var record: RunRecord
    let event: EventEnvelope
  }

  struct StoredHandoff: Sendable {
    let handoff: Handoff
    let committedAt: Timestamp
  }

  /// Compared byte by byte, as databases do: Swift takes two spellings of one accented letter as equal.
  struct EventKey: Sendable, Hashable {
    let tenant: [UInt8]
    let source: [UInt8]
    let id: [UInt8]

    init(_ event: EventEnvelope) {
      tenant = Array(event.tenant.rawValue.utf8)
      source = Array(event.source.utf8)
      id = Array(event.id.rawValue.utf8)
    }
  }

  var epoch = Epoch.first
  var filledEpoch = Epoch.first
  var probes = 0
  /// In order of acceptance; an event's sequence is its index plus one.
  var events: [EventRecord] = []
  var eventKeys: Set<EventKey> = []
  /// Events that are kept in `events` only to keep the places of those behind them.
  var prunedEvents: Set<Int64> = []
  /// The events that each replay has started runs of.
  var replayed: [ReplayID: Set<Int64>] = [:]
  /// When each replay was last asked for.
  var replayedAt: [ReplayID: Timestamp] = [:]
  var runs: [RunID: StoredRun] = [:]
  var runsByEvent: [Int64: [RunID]] = [:]
  var jobs: [JobID: Job] = [:]
  /// Each job's place in the order of creation.
  var places: [JobID: Int] = [:]
  var jobsByRun: [RunID: [JobID]] = [:]
  var attempts: [JobID: [AttemptRecord]] = [:]
  var handoffs: [Int64: StoredHandoff] = [:]
  var lastHandoff: Int64 = 0
  var hosts: [HostID: Set<WorkerName>] = [:]
  var revisions: [RevisionHash: PipelineRevision] = [:]
  var active = ActiveSet()
  var activations: [Activation] = []
  var windows: [OrderingKey: CoalesceWindow] = [:]
  /// When each window has changed last.
  var windowTimes: [OrderingKey: Timestamp] = [:]
  /// Runs in the order of their turns.
  var lines: [OrderingKey: [RunID]] = [:]
  var executions: [ExecutionKey: JobID] = [:]
  var audits: [JobID: [AuditRecord]] = [:]
  var ticks: [PipelineName: RecordedTick] = [:]

  /// What the last settlement or reissue under a fence recorded, if anything did.
  func attempt(of job: JobID, under fence: Fence) -> AttemptRecord? {
    attempts[job]?.last { $0.fence == fence }
  }

  mutating func insert(_ event: EventEnvelope, at moment: Timestamp) -> RecordAnswer {
    guard eventKeys.insert(EventKey(event)).inserted else { return .duplicate }
    events.append(
      EventRecord(sequence: Int64(events.count) + 1, envelope: event, recordedAt: moment, routedAt: nil))
    return .accepted
  }

  /// Creates a run's jobs and gives the ids of those that are new; a second job of a stage is passed over.
  mutating func insert(_ plan: RunPlan, into run: StoredRun, at moment: Timestamp) -> [JobID] {
    var created: [JobID] = []
    for new in plan.jobs where jobs[new.id] == nil && !hasJob(for: new, in: run.record.id) {
      var job = Job(
        id: new.id, run: run.record.id, tenant: run.record.tenant, pipeline: run.record.pipeline,
        revision: run.record.revision, stage: new.stage, worker: new.worker, queue: new.queue, input: new.input,
        context: run.event.logFields, createdAt: moment, standing: JobStanding(createdAt: moment))
      job.keepPolicy(of: new)
      jobs[new.id] = job
      places[new.id] = places.count
      jobsByRun[run.record.id, default: []].append(new.id)
      created.append(new.id)
    }
    return created
  }

  /// Writes down what is to be pushed, each job once; nil where nothing is.
  mutating func handOver(_ ids: [JobID], at moment: Timestamp) -> Handoff? {
    var seen: Set<JobID> = []
    let entries = ids.compactMap { id -> QueueEntry? in
      guard let job = jobs[id], job.standing.belongsInQueue, seen.insert(id).inserted else { return nil }
      return QueueEntry(
        job: id, fence: job.standing.fence, queue: job.queue, delay: max(.zero, job.standing.dueAt - moment),
        priority: job.priority, lease: job.lease,
        lane: Lane(tenant: job.tenant, pipeline: job.pipeline, stage: job.stage, flow: job.ordering?.flow))
    }
    guard !entries.isEmpty else { return nil }
    lastHandoff += 1
    let handoff = Handoff(
      id: lastHandoff, epoch: epoch, notAfter: moment + InMemoryStore.handoffLife, entries: entries)
    handoffs[lastHandoff] = StoredHandoff(handoff: handoff, committedAt: moment)
    return handoff
  }

  private func hasJob(for new: NewJob, in run: RunID) -> Bool {
    jobsByRun[run, default: []].contains { jobs[$0]?.stage == new.stage && jobs[$0]?.index == new.index }
  }
}

extension Job {
  fileprivate mutating func keepPolicy(of new: NewJob) {
    (index, priority, lease, ordering) = (new.index, new.priority, new.lease, new.ordering)
  }
}
