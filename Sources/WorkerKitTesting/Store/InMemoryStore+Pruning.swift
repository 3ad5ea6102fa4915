public import WorkerKit

extension InMemoryStore {
  public func prune(_ policy: RetentionPolicy, limit: Int) async throws(DriverError) -> Pruned {
    let cutOffs = RetentionCutOffs(policy, at: environment.time.now)
    return state.withLock { state in
      Pruned(
        supersededRuns: state.pruneSuperseded(endedBefore: cutOffs.supersededRuns, limit: limit),
        finishedRuns: state.pruneRuns(.succeeded, endedBefore: cutOffs.finishedRuns, limit: limit)
          + state.pruneRuns(.cancelled, endedBefore: cutOffs.finishedRuns, limit: limit),
        deadRuns: state.pruneRuns(.failed, endedBefore: cutOffs.deadLetters, limit: limit),
        events: state.pruneEvents(before: cutOffs.events, limit: limit),
        windows: state.pruneWindows(before: cutOffs.windows, limit: limit),
        eventReplays: state.pruneEventReplays(before: cutOffs.events, limit: limit),
        audit: state.pruneAudit(before: cutOffs.audit, limit: limit),
        activations: state.pruneActivations(replacedBefore: cutOffs.activations, limit: limit),
        revisions: state.pruneRevisions(limit: limit))
    }
  }
}

extension StoreState {
  fileprivate mutating func pruneRuns(
    _ end: RunStanding.State, endedBefore moment: Timestamp, limit: Int
  ) -> Int {
    // A dead letter that holds its line stays until somebody replays it: others wait behind.
    let holding = Set(lines.values.flatMap { $0 })
    let over = runs.filter { id, run in
      run.record.standing.state == end && run.hasEnded(before: moment) && !holding.contains(id)
    }
    return remove(over.keys.prefix(limit))
  }

  /// Removes runs of which every job was superseded.
  fileprivate mutating func pruneSuperseded(endedBefore moment: Timestamp, limit: Int) -> Int {
    let over = runs.filter { id, run in
      let standings = jobsByRun[id, default: []].compactMap { jobs[$0]?.standing }
      return run.hasEnded(before: moment) && !standings.isEmpty
        && standings.allSatisfy { $0.state == .cancelled && $0.waitingFor == JobStanding.supersededWord }
    }
    return remove(over.keys.prefix(limit))
  }

  private mutating func remove(_ ids: some Sequence<RunID>) -> Int {
    var removed = 0
    for id in ids {
      for job in jobsByRun[id] ?? [] {
        (jobs[job], attempts[job]) = (nil, nil)
        executions = executions.filter { $0.value != job }
      }
      for line in lines.keys { lines[line]?.removeAll { $0 == id } }
      (runs[id], jobsByRun[id]) = (nil, nil)
      for (event, ids) in runsByEvent where ids.contains(id) { runsByEvent[event] = ids.filter { $0 != id } }
      removed += 1
    }
    return removed
  }

  fileprivate mutating func pruneEvents(before moment: Timestamp, limit: Int) -> Int {
    let over = events.filter { event in
      event.recordedAt < moment && event.routedAt != nil && !prunedEvents.contains(event.sequence)
        && (runsByEvent[event.sequence] ?? []).isEmpty
    }
    for event in over.prefix(limit) {
      prunedEvents.insert(event.sequence)
      eventKeys.remove(EventKey(event.envelope))
      for replay in replayed.keys { replayed[replay]?.remove(event.sequence) }
    }
    return min(over.count, limit)
  }
}

extension StoreState.StoredRun {
  fileprivate func hasEnded(before moment: Timestamp) -> Bool {
    record.standing.finishedAt.map { $0 < moment } ?? false
  }
}
