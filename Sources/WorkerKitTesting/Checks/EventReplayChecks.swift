internal import WorkerKit

extension SeamCheck {
  /// Pages of events and runs, and recorded events that start runs again.
  static let eventReplays = [pagesEvents, pagesRuns, startsRunsAgain, replaysOnce, replaysWhatItCan, keepsReplayed]

  private static let pagesEvents = SeamCheck("pages of events follow each other, by type, tenant and time") { bench in
    var events: [EventEnvelope] = []
    for index in 0..<25 {
      var event = bench.event(tenant: index % 2 == 0 ? "acme" : "globex")
      if index % 5 == 0 { event.type = "Other" }
      // It looks like a type, and is none.
      event.payload = ["type": "Other"]
      events.append(event)
      _ = try await bench.store.record([event])
    }
    let (first, last) = (events[5].occurredAt, events[15].occurredAt)
    let filters: [(EventFilter, (EventEnvelope) -> Bool)] = [
      (EventFilter(), { _ in true }), (EventFilter(type: "Other"), { $0.type == "Other" }),
      (EventFilter(type: "None"), { _ in false }), (EventFilter(tenant: "globex"), { $0.tenant == "globex" }),
      (EventFilter(from: first, until: last), { $0.occurredAt >= first && $0.occurredAt < last }),
      (
        EventFilter(type: "Other", tenant: "acme", from: first),
        {
          $0.type == "Other" && $0.tenant == "acme" && $0.occurredAt >= first
        }
      ),
    ]
    for (filter, isWanted) in filters {
      for isOldestFirst in [true, false] {
        var filter = filter
        (filter.isOldestFirst, filter.limit) = (isOldestFirst, 4)
        let wanted = events.filter(isWanted)
        let found = try await bench.everyEvent(filter)
        try expect(
          found.map(\.envelope), is: isOldestFirst ? wanted : wanted.reversed(), "The pages of \(filter) hold them all."
        )
      }
    }
  }

  private static let pagesRuns = SeamCheck("runs are found by state, tenant and pipeline, page by page") { bench in
    let acme = try await bench.start(5).map(\.run)
    let globex = try await bench.start(2, tenant: "globex").map(\.run)
    try await bench.settle(try await bench.lease(1))
    let done = try await bench.store.runs(RunFilter(state: .succeeded)).map(\.id)
    try expect(done.count, is: 1, "One has ended.")
    let cases: [(RunFilter, [RunID])] = [
      (RunFilter(), acme + globex), (RunFilter(tenant: "globex"), globex), (RunFilter(pipeline: "other"), []),
      (RunFilter(state: .running), (acme + globex).filter { !done.contains($0) }),
      (RunFilter(pipeline: SeamBench.pipeline, limit: 2), globex), (RunFilter(before: globex[0]), acme),
      (RunFilter(replay: "none"), []),
    ]
    for (filter, wanted) in cases {
      let found = try await bench.store.runs(filter)
      try expect(found.map(\.id), is: wanted.reversed(), "The filter \(filter) finds its runs, newest first.")
    }
  }

  private static let startsRunsAgain = SeamCheck("a replayed event starts new runs that carry the replay's id") {
    bench in
    let first = try await bench.start()[0]
    try await bench.settle(try await bench.leaseAll(1))
    let record = try await bench.record(of: first)
    let again = bench.again(first)
    let result = try await bench.replay("r1", [record], [again])
    try expect(result.answers, is: [.replayed], "The event is replayed.")
    try expect(result.runs, is: 1, "It has one new run.")
    let runs = try await bench.store.runs(of: record)
    try expect(runs.map(\.id), is: [first.run, again.run], "The event has both runs.")
    try expect(runs.map(\.replay), is: [nil, "r1"], "Each says where it comes from.")
    try expect(try await bench.store.runs(RunFilter(replay: "r1")).map(\.id), is: [again.run], "It is found by it.")
    try expect(try await bench.store.unroutedCount(), is: 0, "The event itself is as it was.")
    let lease = try require(try await bench.lease(1).first, "The new job can be leased.")
    try expect(lease.authority.job, is: again.jobs[0], "It is the new run's.")
    try await bench.settle([lease])
    try expect(try await bench.store.run(again.run)?.standing.state, is: .succeeded, "The new run ends like any other.")
    try await bench.expectEmpty("Both runs have ended.")
  }

  private static let replaysOnce = SeamCheck("one replay starts the runs of an event once") { bench in
    let wanted = try await bench.start(2)
    var records: [EventRecord] = []
    for run in wanted { records.append(try await bench.record(of: run)) }
    let again = wanted.map { bench.again($0) }
    try expect(try await bench.replay("r1", [records[0]], again).answers, is: [.replayed], "The first is new.")
    let second = try await bench.replay("r1", records, [bench.again(wanted[0]), again[1]])
    try expect(second.answers, is: [.known, .replayed], "Asked again, only what is left is done.")
    try expect(second.runs, is: 1, "Only that makes a run.")
    let third = try await bench.replay("r1", [records[1], records[1]], wanted.map { bench.again($0) })
    try expect(third.answers, is: [.known, .known], "A third time does nothing.")
    try expect(third.runs, is: 0, "No run is made.")
    let other = try await bench.replay("r2", [records[0], records[0]], [bench.again(wanted[0])])
    try expect(other.answers, is: [.replayed, .known], "Another replay is another matter; twice in it is once.")
    try expect(try await bench.store.runs(of: records[0]).count, is: 3, "The first event has three runs.")
  }

  private static let replaysWhatItCan = SeamCheck("what cannot be replayed is said, and the others go on") { bench in
    let routed = try await bench.start(2)
    let waiting = bench.wanted()[0]
    _ = try await bench.store.record([waiting.event])
    var records: [EventRecord] = []
    for run in routed + [waiting] { records.append(try await bench.record(of: run)) }
    let again = bench.again(routed[1])
    let sequences = records.map(\.sequence) + [records[2].sequence + 1000]
    let plan = Plans.starting([again])
    let failing = routed[0].event.id
    let result = try await bench.store.replayEvents(
      EventReplay(id: "r1", events: sequences, by: "ada", reason: "a check")
    ) { event in
      if event.id == failing { throw PlanFailure() }
      return try plan(event)
    }
    try await bench.deliver(result.handoff)
    try expect(result.answers, is: [.failed, .replayed, .unrouted, .missing], "Each is answered for itself.")
    let nothing = try await bench.replay("r1", [records[0]], [])
    try expect(nothing.answers, is: [.unmatched], "An event that no pipeline takes starts nothing.")
    let later = try await bench.replay("r1", [records[0]], [bench.again(routed[0])])
    try expect(later.answers, is: [.replayed], "What started nothing can still be replayed by the same id.")
  }

  private static let keepsReplayed = SeamCheck("an event stays as long as a replay's run", scenarios: [13]) { bench in
    let first = try await bench.start()[0]
    try await bench.settle(try await bench.leaseAll(1))
    let record = try await bench.record(of: first)
    let policy = RetentionPolicy()
    bench.time.advance(by: policy.events + .seconds(1))
    _ = try await bench.store.prune(RetentionPolicy(events: policy.events + .seconds(86_400)), limit: 9)
    try expect(try await bench.store.run(first.run), is: nil, "The first run has left.")
    let again = bench.again(first)
    _ = try await bench.replay("r1", [record], [again])
    try expect(try await bench.store.prune(policy, limit: 9), is: Pruned(), "The event stays for its new run.")
    try expect(try await bench.store.run(again.run)?.event, is: first.event.id, "The run names its event.")
    try await bench.settle(try await bench.leaseAll(1))
    bench.time.advance(by: policy.events + .seconds(1))
    // The event may leave in the same step as its run, or in the next; so may the replay.
    let pruned = try await bench.pruneAll(policy)
    try expect(try await bench.store.events(id: first.event.id, tenant: nil), is: [], "It leaves after it.")
    try expect(pruned.eventReplays, is: 1, "The replay leaves with its last event.")
    try expect(try await bench.replay("r1", [record], []).answers, is: [.missing], "What has left is not replayed.")
  }
}

extension SeamBench {
  /// Another run for the event of one that there was.
  fileprivate func again(_ wanted: Wanted) -> Wanted {
    time.advance(by: .milliseconds(1))
    let run = RunID(environment.id())
    let jobs = wanted.stages.map { _ in JobID(environment.id()) }
    return Wanted(event: wanted.event, run: run, stages: wanted.stages, jobs: jobs)
  }

  fileprivate func record(of wanted: Wanted) async throws -> EventRecord {
    try require(try await store.events(id: wanted.event.id, tenant: nil).first, "The event is found.")
  }

  fileprivate func replay(
    _ id: ReplayID, _ records: [EventRecord], _ runs: [Wanted]
  ) async throws -> EventReplayResult {
    let replay = EventReplay(id: id, events: records.map(\.sequence), by: "ada", reason: "a check")
    let result = try await store.replayEvents(replay, plan: Plans.starting(runs))
    try await deliver(result.handoff)
    return result
  }

  fileprivate func everyEvent(_ filter: EventFilter) async throws -> [EventRecord] {
    var (filter, found, pages) = (filter, [EventRecord](), 0)
    repeat {
      let page = try await store.events(filter)
      try expect(page.events.count <= filter.limit, "No page is longer than asked for.")
      found += page.events
      filter.cursor = page.next
      pages += 1
      try expect(pages < 1000, "The pages come to an end.")
    } while filter.cursor != nil
    return found
  }
}
