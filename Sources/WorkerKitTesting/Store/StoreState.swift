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
  var runs: [RunID: StoredRun] = [:]
  var runsByEvent: [Int64: [RunID]] = [:]
  var jobs: [JobID: Job] = [:]
  var jobsByRun: [RunID: [JobID]] = [:]
  var attempts: [JobID: [AttemptRecord]] = [:]
  var handoffs: [Int64: StoredHandoff] = [:]
  var lastHandoff: Int64 = 0
  var hosts: [HostID: Set<WorkerName>] = [:]
  var revisions: [RevisionHash: PipelineRevision] = [:]
  var active: [PipelineRevision] = []
  var activation: Int64 = 0

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
    for new in plan.jobs where jobs[new.id] == nil && !hasJob(for: new.stage, in: run.record.id) {
      jobs[new.id] = Job(
        id: new.id, run: run.record.id, tenant: run.record.tenant, pipeline: run.record.pipeline,
        revision: run.record.revision, stage: new.stage, worker: new.worker, queue: new.queue, input: new.input,
        context: run.event.logFields, createdAt: moment, standing: JobStanding(createdAt: moment))
      jobsByRun[run.record.id, default: []].append(new.id)
      created.append(new.id)
    }
    return created
  }

  /// Writes down what is to be pushed; nil where nothing is.
  mutating func handOver(_ ids: [JobID], at moment: Timestamp) -> Handoff? {
    let entries = ids.compactMap { id in
      jobs[id].map { job in
        QueueEntry(
          job: id, fence: job.standing.fence, queue: job.queue, delay: max(.zero, job.standing.dueAt - moment))
      }
    }
    guard !entries.isEmpty else { return nil }
    lastHandoff += 1
    let handoff = Handoff(
      id: lastHandoff, epoch: epoch, notAfter: moment + InMemoryStore.handoffLife, entries: entries)
    handoffs[lastHandoff] = StoredHandoff(handoff: handoff, committedAt: moment)
    return handoff
  }

  private func hasJob(for stage: StageName, in run: RunID) -> Bool {
    jobsByRun[run, default: []].contains { jobs[$0]?.stage == stage }
  }
}
