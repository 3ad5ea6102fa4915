internal import WorkerKit

extension SeamCheck {
  /// Recording and routing.
  static let intake = [
    recordsOnce, recordsOnceInABatch, routesOnce, routesWhatMatchesNothing, failedRouteLeavesNoTrace, endsIdleRun,
    handsOver,
  ]

  private static let recordsOnce = SeamCheck("an event is kept once for each tenant, source and id") { bench in
    let event = bench.event(id: "upload-1")
    try expect(try await bench.store.record([event]), is: [.accepted], "A new event is accepted.")
    try expect(try await bench.store.record([event]), is: [.duplicate], "The same event is a duplicate.")
    let others = [
      bench.event(id: "upload-1", tenant: "globex"), bench.event(id: "upload-1", source: "plugin"),
      bench.event(id: "upload-2"), bench.event(id: "upload-1"),
    ]
    try expect(
      try await bench.store.record(others), is: [.accepted, .accepted, .accepted, .duplicate],
      "Another tenant, source or id is another event.")
    try expect(try await bench.store.unroutedCount(), is: 4, "Four events wait to be routed.")
  }

  private static let recordsOnceInABatch = SeamCheck("an event that comes twice in one batch is kept once") { bench in
    var again = bench.event(id: "upload-1")
    let first = again
    again.payload = .object(["size": 2])
    try expect(
      try await bench.store.record([first, again]), is: [.accepted, .duplicate], "The second is a duplicate.")
    let kept = try await bench.store.events(id: "upload-1", tenant: nil)
    try expect(kept.map(\.envelope), is: [first], "The first one stands.")
  }

  private static let routesOnce = SeamCheck("an event is routed once, however many route", scenarios: [8]) { bench in
    let wanted = bench.wanted(200)
    _ = try await bench.store.record(wanted.map(\.event))
    let results = try await withThrowingTaskGroup(of: [RouteResult].self) { group in
      for _ in 0..<8 {
        group.addTask {
          var results: [RouteResult] = []
          repeat {
            results.append(try await bench.store.route(limit: 7, plan: Plans.starting(wanted)))
            try await bench.deliver(results.last?.handoff)
          } while results.last?.routed != 0 && results.count <= 200
          return results
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    try expect(results.map(\.routed).reduce(0, +), is: 200, "Each event is routed by one router.")
    try expect(results.map(\.jobs).reduce(0, +), is: 200, "Each event makes one job.")
    try expect(results.allSatisfy { $0.routed <= 7 }, "No more is routed at once than was asked for.")
    try expect(try await bench.store.unroutedCount(), is: 0, "Nothing waits to be routed.")
    let leased = Set(try await bench.lease(1000).map(\.authority.job))
    try expect(leased, is: Set(wanted.flatMap(\.jobs)), "Every job is in the queue.")
  }

  private static let routesWhatMatchesNothing = SeamCheck("an event that starts no run is routed too") { bench in
    let event = bench.event()
    _ = try await bench.store.record([event])
    let result = try await bench.store.route(limit: 10) { _ in [] }
    try expect(result.routed, is: 1, "The event counts as routed.")
    try expect(result.handoff, is: nil, "There is nothing to push.")
    let kept = try await bench.store.events(id: event.id, tenant: event.tenant).first
    try expect(kept?.routedAt, is: bench.time.now, "The event says when it was routed.")
    try expect(try await bench.store.route(limit: 10) { _ in throw PlanFailure() }.routed, is: 0, "It is not again.")
  }

  private static let failedRouteLeavesNoTrace = SeamCheck("an event that cannot be planned waits, and the others go on")
  { bench in
    let wanted = bench.wanted(3)
    _ = try await bench.store.record(wanted.map(\.event))
    let plan = Plans.starting(wanted)
    let failed: RoutePlanner = { event in
      if event.id == wanted[2].event.id { throw PlanFailure() }
      return try plan(event)
    }
    let result = try await bench.store.route(limit: 3, plan: failed)
    try expect(result.failed, is: [wanted[2].event.id], "The event that cannot be planned is named.")
    try expect(result.routed, is: 2, "The others are routed.")
    try await bench.deliver(result.handoff)
    try expect(try await bench.store.unroutedCount(), is: 1, "It waits as before.")
    try expect(try await bench.lease(3).count, is: 2, "The others' jobs are pushed.")
    let later = try await bench.store.route(limit: 3, plan: plan)
    try expect(later.jobs, is: 1, "It can be routed later.")
  }

  private static let endsIdleRun = SeamCheck("a run whose stages are all skipped ends at once") { bench in
    let wanted = try require(bench.wanted().first, "One run is wanted.")
    _ = try await bench.store.record([wanted.event])
    let idle: [StageName: IdleStage] = ["work": IdleStage(.skipped, reason: "when is false")]
    let emitted = bench.event()
    _ = try await bench.store.route(limit: 1) { _ in
      let plan = RunPlan(emits: [emitted], state: .succeeded, idle: idle, problems: ["none"])
      return [NewRun(id: wanted.run, pipeline: SeamBench.pipeline, revision: SeamBench.revision, plan: plan)]
    }
    let standing = try await bench.store.run(wanted.run)?.standing
    let expected = RunStanding(state: .succeeded, finishedAt: bench.time.now, idle: idle, problems: ["none"])
    try expect(standing, is: expected, "The run keeps what its plan says.")
    try expect(try await bench.store.unroutedCount(), is: 1, "What the plan emits waits to be routed.")
  }

  private static let handsOver = SeamCheck("a job is committed before it is handed over") { bench in
    let wanted = bench.wanted(2)
    let result = try await bench.commit(wanted)
    let handoff = result.handoff
    try expect((handoff == nil) == bench.store.movesQueue, "A store hands over unless it moves its queue itself.")
    for job in wanted.flatMap(\.jobs) {
      let standing = try await bench.standing(of: job)
      try expect(standing.state, is: .queued, "A new job is queued.")
      try expect(standing.fence, is: .first, "A new job has the first fence.")
    }
    guard let handoff else { return }
    try expect(handoff.epoch, is: try await bench.store.epoch(), "A handoff is of the store's epoch.")
    try expect(Set(handoff.entries.map(\.job)), is: Set(wanted.flatMap(\.jobs)), "A handoff names the new jobs.")
    try expect(try await bench.lease(2), is: [], "Nothing is in the queue before the push.")
    try expect(try await bench.deliver(handoff), is: [.pushed, .pushed], "The queue takes it in.")
    try expect(try await bench.queue.push(handoff), is: [.known, .known], "A second push changes nothing.")
  }
}
