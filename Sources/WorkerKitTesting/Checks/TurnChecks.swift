internal import WorkerKit

extension SeamCheck {
  /// Lines of jobs that are worked on one at a time.
  static let turns = [
    takesTurns, keepsTurnsApart, keepsTurnOverRetry, keepsTurnOverLoss, skipsDead, blocksOnDead, freesTurns,
    takesTurnsAgain, refillsTurns,
  ]

  private static let takesTurns = SeamCheck("one key's jobs run one at a time, in order", scenarios: [9]) { bench in
    var jobs: [JobID] = []
    for _ in 0..<4 { jobs.append(try await bench.arrive(.turn("a"))) }
    for job in jobs {
      let lease = try await bench.leaseLoadable()
      try expect(lease.authority.job, is: job, "The job whose turn it is comes next.")
      try await bench.settle([lease])
    }
    try await bench.expectEmpty("Every turn was had.")
  }

  private static let keepsTurnsApart = SeamCheck("keys and tenants have lines of their own", scenarios: [9]) { bench in
    let first = try await bench.arrive(.turn("a"))
    let others = [try await bench.arrive(.turn("b")), try await bench.arrive(.turn("a"), tenant: "other")]
    let waiting = try await bench.arrive(.turn("a"))
    try expect(Set(try await bench.leasable()), is: Set([first] + others), "The heads of three lines are leased.")
    try expect(try await bench.standing(of: waiting).waitingFor, is: "turn", "The other waits for its turn.")
  }

  private static let keepsTurnOverRetry = SeamCheck("a retry keeps its turn", scenarios: [9]) { bench in
    let first = try await bench.arrive(.turn("a"))
    let second = try await bench.arrive(.turn("a"))
    try await bench.settle([try await bench.leaseLoadable()], .again(after: .seconds(10)))
    try expect(try await bench.leasable(), is: [], "Nobody overtakes a job that backs off.")
    bench.time.advance(by: .seconds(10))
    let again = try await bench.leaseLoadable()
    try expect(again.authority.job, is: first, "It comes back first.")
    try await bench.settle([again])
    try expect(try await bench.leasable(), is: [second], "Then the next has its turn.")
  }

  private static let keepsTurnOverLoss = SeamCheck("a lost lease keeps its turn", scenarios: [9]) { bench in
    let first = try await bench.arrive(.turn("a"))
    try await bench.arrive(.turn("a"))
    try expect(try await bench.leasable(), is: [first], "The first is leased.")
    bench.time.advance(by: .seconds(60))
    try await bench.reap()
    try expect(try await bench.leasable(), is: [first], "It is leased again, and nobody beside it.")
  }

  private static let skipsDead = SeamCheck("a dead letter gives up its turn", scenarios: [9]) { bench in
    let first = try await bench.arrive(.turn("a"))
    let second = try await bench.arrive(.turn("a"))
    let third = try await bench.arrive(.turn("a"))
    try await bench.settle([try await bench.leaseLoadable()], .broken)
    try expect(try await bench.leasable(), is: [second], "The next has its turn.")
    let fence = try await bench.standing(of: first).fence
    try await bench.deliver(bench.store.replay([bench.click(on: first, under: fence)], next: Plans.ending).handoff)
    try expect(try await bench.state(of: first), is: .pending, "Replayed, it takes a turn at the end.")
    try await bench.cancel([.job(second)])
    let lease = try await bench.leaseLoadable()
    try expect(lease.authority.job, is: third, "Whoever waited longer goes first.")
    try await bench.settle([lease])
    try expect(try await bench.leasable(), is: [first], "Then it is the replayed one's turn.")
  }

  private static let blocksOnDead = SeamCheck("a dead letter can hold its line", scenarios: [9]) { bench in
    let first = try await bench.arrive(.turn("a", onDead: .block))
    let second = try await bench.arrive(.turn("a", onDead: .block))
    try await bench.settle([try await bench.leaseLoadable()], .broken)
    try expect(try await bench.leasable(), is: [], "The line waits for a person.")
    let fence = try await bench.standing(of: first).fence
    try await bench.deliver(bench.store.replay([bench.click(on: first, under: fence)], next: Plans.ending).handoff)
    let lease = try await bench.leaseLoadable()
    try expect(lease.authority.job, is: first, "Replayed, it still has its turn.")
    try await bench.settle([lease])
    try expect(try await bench.leasable(), is: [second], "Then the next has its turn.")
  }

  private static let freesTurns = SeamCheck("what was cancelled or is idle frees its turn", scenarios: [9]) { bench in
    let jobs = [
      try await bench.arrive(.turn("a")), try await bench.arrive(.turn("a")), try await bench.arrive(.turn("a")),
    ]
    try await bench.cancel([.job(jobs[0])])
    try expect(try await bench.leasable(), is: [jobs[1]], "The next has its turn.")
    try await bench.cancel([.job(jobs[2]), .job(jobs[1])])
    // A run that takes a turn for a stage to come, and then skips it.
    let ahead = try await bench.arriveAhead(of: "later", key: "a")
    let behind = try await bench.arrive(.turn("a"), stage: "later")
    try expect(try await bench.state(of: behind), is: .pending, "Turns are taken when runs begin.")
    let lease = try await bench.leaseLoadable()
    try expect(lease.authority.job, is: ahead, "The run ahead does its first stage.")
    try await bench.settle([lease]) { _ in RunPlan(state: .succeeded, freed: [Turn(stage: "later", key: "a")]) }
    try expect(try await bench.leasable(), is: [behind], "A turn that is needed no more goes to the next.")
  }

  private static let takesTurnsAgain = SeamCheck("a turn that was given up too early is taken again", scenarios: [9]) {
    bench in
    let mended = try await bench.arriveAhead(of: "later", key: "a")
    try await bench.settle([try await bench.leaseLoadable()], .broken) { _ in
      RunPlan(state: .failed, freed: [Turn(stage: "later", key: "a")])
    }
    let others = [
      try await bench.arrive(.turn("a"), stage: "later"), try await bench.arrive(.turn("a"), stage: "later"),
    ]
    let fence = try await bench.standing(of: mended).fence
    try await bench.deliver(bench.store.replay([bench.click(on: mended, under: fence)], next: Plans.ending).handoff)
    let leases = try await bench.loadable()
    try expect(Set(leases.map(\.authority.job)), is: [mended, others[0]], "The replayed one waits for nobody.")
    var job = NewJob(
      id: "01RUNTHATWASMENDED0000000-later", stage: "later", worker: "checks.work", queue: .standard,
      input: .resolved(Array("{}".utf8)))
    job.ordering = .turn("a")
    try await bench.settle(leases.filter { $0.authority.job == mended }) { [job] _ in RunPlan(jobs: [job]) }
    try expect(try await bench.leasable(), is: [], "Its next stage takes a turn behind the others.")
    try await bench.settle(leases.filter { $0.authority.job != mended })
    for wanted in [others[1], job.id] {
      let lease = try await bench.leaseLoadable()
      try expect(lease.authority.job, is: wanted, "One after the other.")
      try await bench.settle([lease])
    }
    try await bench.expectEmpty("Every turn was had.")
  }

  private static let refillsTurns = SeamCheck("a queue filled again holds heads of lines alone", scenarios: [9, 13]) {
    bench in
    let first = try await bench.arrive(.turn("a"))
    try await bench.arrive(.turn("a"))
    try await bench.changeEpoch()
    try expect(try await bench.leasable(), is: [first], "Who waits for a turn is not pushed.")
  }
}

extension JobOrdering {
  /// A place in the line of a key.
  static func turn(_ key: String, onDead: SerialPolicy.OnDead = .skip) -> JobOrdering {
    JobOrdering(serial: Serial(key: key, onDead: onDead))
  }
}

extension SeamBench {
  /// Starts a run of one job that takes a turn for a stage to come; gives the job.
  fileprivate func arriveAhead(of stage: StageName, key: String) async throws -> JobID {
    let event = event()
    let run = RunID(environment.id())
    let job = NewJob(
      id: JobID("\(run)-work"), stage: "work", worker: "checks.work", queue: .standard,
      input: .resolved(Array("{}".utf8)))
    let new = NewRun(
      id: run, pipeline: Self.pipeline, revision: Self.revision, plan: RunPlan(jobs: [job]),
      turns: [Turn(stage: stage, key: key)])
    _ = try await store.record([event])
    try await deliver(store.route(limit: 1, plan: { _ in [new] }, next: Plans.ending).handoff)
    return job.id
  }
}
