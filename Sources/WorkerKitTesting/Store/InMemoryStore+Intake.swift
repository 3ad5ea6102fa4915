public import WorkerKit

extension InMemoryStore {
  public func record(_ events: [EventEnvelope]) async throws(DriverError) -> [RecordAnswer] {
    let now = environment.time.now
    return state.withLock { state in events.map { state.insert($0, at: now) } }
  }

  /// - Throws: A `DriverError` of kind refused when the planner throws; nothing was routed.
  public func route(limit: Int, plan: @escaping RoutePlanner) async throws(DriverError) -> RouteResult {
    let now = environment.time.now
    return state.withLock { state in
      let unrouted = state.events.lazy.filter { $0.routedAt == nil }.prefix(max(0, limit))
      var planned: [(event: EventRecord, runs: [NewRun])] = []
      var failed: [EventID] = []
      for event in unrouted {
        if let runs = try? plan(event.envelope) {
          planned.append((event, runs))
        } else {
          failed.append(event.envelope.id)
        }
      }
      let created = planned.flatMap { state.start($0.runs, by: $0.event, at: now) }
      return RouteResult(
        routed: planned.count, jobs: created.count, handoff: state.handOver(created, at: now), failed: failed)
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
    _ new: [NewRun], by event: EventRecord, at moment: Timestamp, replay: ReplayID? = nil
  ) -> [JobID] {
    let index = Int(event.sequence) - 1
    events[index] = EventRecord(
      sequence: event.sequence, envelope: event.envelope, recordedAt: event.recordedAt,
      routedAt: event.routedAt ?? moment)
    var created: [JobID] = []
    for run in new where runs[run.id] == nil {
      let record = RunRecord(
        id: run.id, event: event.envelope.id, tenant: event.envelope.tenant, pipeline: run.pipeline,
        revision: run.revision, createdAt: moment, standing: RunStanding(), replay: replay)
      let stored = StoredRun(record: record.planned(run.plan, at: moment), event: event.envelope)
      runs[run.id] = stored
      runsByEvent[event.sequence, default: []].append(run.id)
      created += insert(run.plan, into: stored, at: moment)
      for emitted in run.plan.emits { _ = insert(emitted, at: moment) }
    }
    return created
  }
}
