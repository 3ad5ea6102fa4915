internal import Synchronization
internal import WorkerKit

extension SeamCheck {
  /// What each outcome leaves behind.
  static let settling = [
    succeeds, failsForGood, timesOut, retries, releases, plansOnce, emitsOnce, failedPlanLeavesLease,
    settlesNothingUnknown,
  ]

  private static let succeeds = SeamCheck("success keeps output, artifacts, times and the attempt") { bench in
    let wanted = try await bench.start()
    let lease = try await bench.leaseOne()
    let artifact = Artifact(key: "a/b", contentType: "image/webp", bytes: 3, sha256: String(repeating: "a", count: 64))
    let startedAt = bench.time.now
    let settlement = bench.settlement(lease, .succeeded(output: Array(#"{"n":1}"#.utf8), artifacts: [artifact]))
    bench.time.advance(by: .seconds(2))
    let result = try await bench.store.settle([settlement], plan: Plans.ending)
    try expect(result.answers, is: [.settled], "The only holder settles.")
    try expect(result.handoff, is: nil, "Nothing is to be pushed.")
    _ = try await bench.queue.finish([lease.authority])
    let job = try require(try await bench.store.job(lease.authority.job), "The job stays readable.")
    let standing = JobStanding(
      state: .succeeded, fence: .first, holder: lease.authority.holder, attempts: 1, losses: 0,
      dueAt: job.standing.dueAt, startedAt: startedAt, finishedAt: bench.time.now, waitingFor: nil)
    try expect(job.standing, is: standing, "The job has ended.")
    try expect(job.output, is: Array(#"{"n":1}"#.utf8), "The output is kept as it was.")
    try expect(job.artifacts, is: [artifact], "The artifacts are registered.")
    let run = try require(try await bench.store.run(job.run), "The run is readable.")
    try expect(run.standing, is: RunStanding(state: .succeeded, finishedAt: bench.time.now), "The run has ended.")
    try expect(wanted.map(\.run), is: [run.id], "The run is the one that was planned.")
    let attempt = AttemptRecord(
      job: job.id, fence: .first, attempt: 1, holder: lease.authority.holder, host: SeamBench.host,
      startedAt: startedAt, finishedAt: bench.time.now, outcome: "succeeded", failure: nil)
    try expect(try await bench.store.attempts(of: job.id), is: [attempt], "History has the attempt.")
    try await bench.expectEmpty("The job was finished.")
  }

  private static let failsForGood = SeamCheck("a failure makes a dead letter with its reason") { bench in
    let wanted = try await bench.start()
    let lease = try await bench.work(.broken)
    let job = try require(try await bench.store.job(lease.authority.job), "The job stays readable.")
    try expect(job.standing.state, is: .failed, "The job is dead.")
    try expect(job.failure?.code, is: "broken", "It says why.")
    try expect(job.output, is: nil, "It has no output.")
    try expect(try await bench.store.deadLetterCount(), is: 1, "It is counted.")
    try expect(try await bench.store.run(wanted[0].run)?.standing.state, is: .failed, "Its run has failed.")
    try await bench.expectEmpty("The job was finished.")
  }

  private static let timesOut = SeamCheck("spent time makes a dead letter that says so") { bench in
    _ = try await bench.start()
    let lease = try await bench.work(.timedOut(Failure(.deadline, "too_long", "It ran past its time.")))
    let job = try require(try await bench.store.job(lease.authority.job), "The job stays readable.")
    try expect(job.standing.state, is: .timedOut, "The job is dead.")
    try expect(job.failure?.kind, is: .deadline, "It says why.")
    try expect(try await bench.store.deadLetterCount(), is: 1, "It is counted.")
    let attempts = try await bench.store.attempts(of: job.id)
    try expect(attempts.map(\.outcome), is: ["timed_out"], "History has the attempt.")
  }

  private static let retries = SeamCheck("a retry raises the fence, spends an attempt and waits", scenarios: [5]) {
    bench in
    let job = try await bench.startOne()
    let first = try await bench.work(.again(after: .seconds(10)))
    let standing = try await bench.standing(of: job)
    try expect(standing.state, is: .queued, "The job is queued again.")
    try expect(standing.fence, is: .first.raised, "It has a new fence.")
    try expect(standing.holder, is: nil, "Nobody holds it.")
    try expect(standing.attempts, is: 1, "The attempt is spent.")
    try expect(standing.dueAt, is: bench.time.now + .seconds(10), "It waits.")
    try expect(try await bench.store.job(job)?.failure?.code, is: "unwell", "It says what went wrong.")
    bench.time.advance(by: .seconds(10))
    let second = try await bench.leaseOne()
    try expect(second.authority.fence, is: .first.raised, "It is leased under its new fence.")
    try expect(second.authority.holder != first.authority.holder, "Its holder is another.")
    try expect(try await bench.load(second)?.standing.attempts, is: 1, "The next attempt sees the first.")
    try expect(try await bench.settle([second]), is: [.settled], "The second attempt settles.")
    let attempts = try await bench.store.attempts(of: job)
    try expect(attempts.map(\.outcome), is: ["retry", "succeeded"], "History has both, oldest first.")
    try expect(attempts.map(\.attempt), is: [1, 2], "They are counted.")
    try expect(attempts.map(\.fence), is: [.first, .first.raised], "Each has its fence.")
    try await bench.expectEmpty("The job was finished.")
  }

  private static let releases = SeamCheck("a release raises the fence and spends nothing") { bench in
    let job = try await bench.startOne()
    try await bench.work(.released)
    let standing = try await bench.standing(of: job)
    try expect(standing.state, is: .queued, "The job is queued again.")
    try expect(standing.fence, is: .first.raised, "It has a new fence.")
    try expect(standing.attempts, is: 0, "No attempt is spent.")
    let lease = try await bench.work()
    try expect(lease.authority.job, is: job, "It can be leased at once.")
    let attempts = try await bench.store.attempts(of: job)
    try expect(attempts.map(\.attempt), is: [1, 1], "What spends nothing repeats its number.")
  }

  private static let plansOnce = SeamCheck("a run is planned after all of its batch, once", scenarios: [8]) { bench in
    try await bench.start(stages: ["a", "b"])
    let leases = try await bench.leaseAll(2)
    let seen = Mutex<[[StageName: JobState]]>([])
    let counting: SettlePlanner = { run in
      seen.withLock { $0.append(run.stages.mapValues(\.state)) }
      return try Plans.joining(bench.environment)(run)
    }
    let result = try await bench.store.settle(leases.map { bench.settlement($0, .done) }, plan: counting)
    try expect(result.answers, is: [.settled, .settled], "Both settle.")
    let both: [StageName: JobState] = ["a": .succeeded, "b": .succeeded]
    try expect(seen.withLock { $0 }.allSatisfy { $0 == both }, "No plan sees half of the batch.")
    try expect(seen.withLock { !$0.isEmpty }, "The run is planned.")
    let joins = try await bench.store.jobs(JobFilter(stage: "join"))
    try expect(joins.count, is: 1, "The join has one job.")
    try expect(joins.first?.context, is: [:], "It has its event's log fields.")
  }

  private static let emitsOnce = SeamCheck("a run's emitted event is recorded once", scenarios: [18]) { bench in
    try await bench.start(stages: ["a", "b"])
    let emitted = bench.event(id: "emitted-1", source: "pipeline/checks")
    let plan: SettlePlanner = { run in RunPlan(emits: [emitted], state: Plans.state(of: run)) }
    var counts: [Int] = []
    for lease in try await bench.leaseAll(2) {
      counts.append(try await bench.store.settle([bench.settlement(lease, .done)], plan: plan).emitted)
    }
    try expect(counts, is: [1, 0], "Only a new event counts as emitted.")
    let kept = try await bench.store.events(id: "emitted-1", tenant: SeamBench.tenant)
    try expect(kept.map(\.envelope), is: [emitted], "It is there once.")
    try expect(try await bench.store.unroutedCount(), is: 1, "It waits to be routed.")
  }

  private static let failedPlanLeavesLease = SeamCheck("settling that fails leaves job and lease as they were") {
    bench in
    let job = try await bench.startOne()
    let lease = try await bench.leaseOne()
    do {
      _ = try await bench.settleOnly(lease) { _ in throw PlanFailure() }
      throw CheckFailure("A planner's failure is an error of the verb.")
    } catch is DriverError {}
    try expect(try await bench.standing(of: job).state, is: .queued, "Nothing was recorded.")
    try expect(try await bench.store.attempts(of: job), is: [], "No attempt is in history.")
    let known = try await bench.queue.known([FencedJob(job: job, fence: .first)])
    try expect(known, is: [.leased(lease.authority.holder)], "The holder still has the job.")
    try expect(try await bench.settle([lease]), is: [.settled], "The same settlement can succeed later.")
    try await bench.expectEmpty("The job was finished.")
  }

  private static let settlesNothingUnknown = SeamCheck("a batch answers for each item") { bench in
    let job = try await bench.startOne()
    let lease = try await bench.leaseOne()
    let strange = Authority(
      job: JobID(bench.environment.id()), epoch: lease.authority.epoch, fence: .first, holder: "nobody")
    let settlements = [
      Settlement(authority: strange, outcome: .done, host: SeamBench.host, startedAt: nil),
      bench.settlement(lease, .done),
    ]
    let answers = try await bench.store.settle(settlements, plan: Plans.ending).answers
    try expect(answers, is: [.stale, .settled], "A job that nobody knows is stale; the other settles.")
    try expect(try await bench.standing(of: job).state, is: .succeeded, "The known job has ended.")
  }
}
