public import WorkerKit

extension InMemoryStore {
  public func prune(_ policy: RetentionPolicy, limit: Int) async throws(DriverError) -> Pruned {
    let now = environment.time.now
    return state.withLock { state in
      Pruned(
        finishedRuns: state.pruneRuns(.succeeded, endedBefore: now + (.zero - policy.finishedRuns), limit: limit)
          + state.pruneRuns(.cancelled, endedBefore: now + (.zero - policy.finishedRuns), limit: limit),
        deadRuns: state.pruneRuns(.failed, endedBefore: now + (.zero - policy.deadLetters), limit: limit),
        events: state.pruneEvents(before: now + (.zero - policy.events), limit: limit))
    }
  }
}

extension StoreState {
  fileprivate mutating func pruneRuns(
    _ end: RunStanding.State, endedBefore moment: Timestamp, limit: Int
  ) -> Int {
    let over = runs.filter { _, run in
      run.record.standing.state == end && run.record.standing.finishedAt.map { $0 < moment } ?? false
    }
    for (id, run) in over.prefix(limit) {
      for job in jobsByRun[id] ?? [] {
        (jobs[job], attempts[job], audits[job]) = (nil, nil, nil)
        executions = executions.filter { $0.value != job }
      }
      for line in lines.keys { lines[line]?.removeAll { $0 == id } }
      (runs[id], jobsByRun[id]) = (nil, nil)
      for (event, ids) in runsByEvent where ids.contains(id) && run.record.id == id {
        runsByEvent[event] = ids.filter { $0 != id }
      }
    }
    return min(over.count, limit)
  }

  fileprivate mutating func pruneEvents(before moment: Timestamp, limit: Int) -> Int {
    let over = events.filter { event in
      event.recordedAt < moment && event.routedAt != nil && !prunedEvents.contains(event.sequence)
        && (runsByEvent[event.sequence] ?? []).isEmpty
    }
    for event in over.prefix(limit) {
      prunedEvents.insert(event.sequence)
      eventKeys.remove(EventKey(event.envelope))
    }
    return min(over.count, limit)
  }
}
