public import WorkerKit

extension InMemoryStore {
  public func record(_ events: [EventEnvelope]) async throws(DriverError) -> [RecordAnswer] {
    let now = environment.time.now
    return state.withLock { state in events.map { state.insert($0, at: now) } }
  }

  /// - Throws: A `DriverError` of kind refused when `next` throws; nothing was routed.
  public func route(
    limit: Int, plan: @escaping RoutePlanner, next: @escaping SettlePlanner
  ) async throws(DriverError) -> RouteResult {
    let now = environment.time.now
    return try state.withLock { state throws(DriverError) in
      try state.transact { state throws(DriverError) in
        var (work, failed, routed) = (RunWork(), [EventID](), 0)
        let before = state.jobs.count
        for event in state.events.filter({ $0.routedAt == nil }).prefix(max(0, limit)) {
          guard let runs = try? plan(event.envelope) else {
            failed.append(event.envelope.id)
            continue
          }
          try state.start(runs, by: event, into: &work, at: now)
          routed += 1
        }
        try state.advance(&work, next: next, at: now)
        let jobs = state.jobs.count - before
        return RouteResult(
          routed: routed, jobs: jobs, handoff: state.handOver(work.pushes, at: now), failed: failed,
          ended: state.ended(by: work))
      }
    }
  }

  static func planning<Plan>(_ plan: () throws -> Plan) throws(DriverError) -> Plan {
    do {
      return try plan()
    } catch let error as DriverError {
      throw error
    } catch {
      throw DriverError(
        .refused, "plan_failed", "A planner failed; the batch is as it was.",
        detail: String(describing: type(of: error)))
    }
  }
}

extension StoreState {
  /// Keeps an event's runs with what their first plans ask for, and the event as routed.
  mutating func start(
    _ new: [NewRun], by event: EventRecord, replay: ReplayID? = nil, into work: inout RunWork, at moment: Timestamp
  ) throws(DriverError) {
    let index = Int(event.sequence) - 1
    events[index] = EventRecord(
      sequence: event.sequence, envelope: event.envelope, recordedAt: event.recordedAt,
      routedAt: event.routedAt ?? moment)
    for run in new where runs[run.id] == nil {
      let record = RunRecord(
        id: run.id, event: event.envelope.id, tenant: event.envelope.tenant, pipeline: run.pipeline,
        revision: run.revision, createdAt: moment, standing: RunStanding(), replay: replay)
      runs[run.id] = StoredRun(record: record, event: event.envelope)
      runsByEvent[event.sequence, default: []].append(run.id)
      for turn in run.turns {
        let line = OrderingKey(tenant: record.tenant, pipeline: run.pipeline, stage: turn.stage, key: turn.key)
        lines[line, default: []].append(run.id)
      }
      try carryOut(run.plan, for: run.id, &work, at: moment)
    }
  }
}
