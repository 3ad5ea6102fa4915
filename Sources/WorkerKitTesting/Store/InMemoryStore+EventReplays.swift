public import WorkerKit

extension InMemoryStore {
  public func replayEvents(
    _ replay: EventReplay, plan: @escaping RoutePlanner, next: @escaping SettlePlanner
  ) async throws(DriverError) -> EventReplayResult {
    let now = environment.time.now
    return try state.withLock { state throws(DriverError) in
      try state.transact { state throws(DriverError) in
        var (answers, work, runs) = ([EventReplayAnswer](), RunWork(), 0)
        for sequence in replay.events {
          let (answer, new) = state.plan(sequence, replay, plan)
          answers.append(answer)
          guard answer == .replayed else { continue }
          state.replayed[replay.id, default: []].insert(sequence)
          state.replayedAt[replay.id] = now
          try state.start(new, by: state.events[Int(sequence) - 1], replay: replay.id, into: &work, at: now)
          runs += new.count
        }
        try state.advance(&work, next: next, at: now)
        return EventReplayResult(
          answers: answers, runs: runs, handoff: state.handOver(work.pushes, at: now), ended: state.ended(by: work))
      }
    }
  }

  public func events(_ filter: EventFilter) async throws(DriverError) -> EventPage {
    state.withLock { state in
      let found = state.events.filter { event in
        let isBeyond =
          filter.cursor.map { filter.isOldestFirst ? event.sequence > $0 : event.sequence < $0 } ?? true
        return isBeyond && filter.admits(event) && !state.prunedEvents.contains(event.sequence)
      }
      let page = Array((filter.isOldestFirst ? found : found.reversed()).prefix(filter.limit))
      return EventPage(events: page, next: found.count > page.count ? page.last?.sequence : nil)
    }
  }

  public func find(_ filter: RunFilter) async throws(DriverError) -> FoundRuns {
    state.withLock { state in
      let found = state.runs.values.map(\.record).filter { run in
        (filter.state.map { run.standing.state == $0 } ?? true) && (filter.tenant.map { run.tenant == $0 } ?? true)
          && (filter.pipeline.map { run.pipeline == $0 } ?? true) && (filter.before.map { run.id < $0 } ?? true)
          && (filter.replay.map { run.replay == $0 } ?? true)
      }
      let page = Array(found.sorted { $0.id > $1.id }.prefix(filter.limit))
      return FoundRuns(runs: page, next: found.count > page.count ? page.last?.id : nil)
    }
  }
}

extension StoreState {
  /// What a replay makes of an event, and the runs where it makes some.
  fileprivate func plan(
    _ sequence: Int64, _ replay: EventReplay, _ plan: RoutePlanner
  ) -> (EventReplayAnswer, [NewRun]) {
    guard sequence >= 1, sequence <= Int64(events.count), !prunedEvents.contains(sequence) else {
      return (.missing, [])
    }
    let event = events[Int(sequence) - 1]
    guard event.routedAt != nil else { return (.unrouted, []) }
    guard replayed[replay.id]?.contains(sequence) != true else { return (.known, []) }
    guard let runs = try? plan(event.envelope) else { return (.failed, []) }
    return runs.isEmpty ? (.unmatched, []) : (.replayed, runs)
  }
}
