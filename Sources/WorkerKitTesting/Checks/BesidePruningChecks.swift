internal import WorkerKit

extension SeamCheck {
  /// What leaves beside runs and events, and what has to stay for them.
  static let pruningBeside = [
    auditOutlastsRuns, keepsAuditOfJobs, leavesActivations, keepsWhatFoldersBrought, keepsRevisionsOfRuns,
    windowsOutlastReplays, keepsWindowsWithJobs, leavesBesideInSteps,
  ]

  private static let day = Duration.seconds(86_400)

  private static func days(_ count: Int) -> Duration { day * count }

  private static func media(_ hash: String) -> PipelineRevision {
    PipelineRevision(pipeline: "media", hash: RevisionHash(hash), source: "pipeline: media # \(hash)")
  }

  private static let (first, second) = (
    media(String(repeating: "1", count: 64)), media(String(repeating: "2", count: 64))
  )

  private static let auditOutlastsRuns = SeamCheck("what was done to a job is known longer than the job") { bench in
    let policy = RetentionPolicy()
    let job = try await bench.startOne()
    try await bench.work(.broken)
    try await bench.deliver(bench.store.replay([bench.click(on: job, under: .first)], next: Plans.ending).handoff)
    let deeds = try await bench.store.audit(of: job)
    try await bench.work()
    bench.time.advance(by: policy.events + .seconds(1))
    try expect(try await bench.pruneAll(policy), is: Pruned(finishedRuns: 1, events: 1), "Run and event leave.")
    try expect(try await bench.store.job(job), is: nil, "The job has left.")
    try expect(deeds.count, is: 1, "It was replayed.")
    try expect(try await bench.store.audit(of: job), is: deeds, "Who replayed it is known still.")
    bench.time.advance(by: policy.audit + .zero - policy.events - .seconds(2))
    try expect(try await bench.pruneAll(policy), is: Pruned(), "It is kept for its time.")
    bench.time.advance(by: .seconds(3))
    try expect(try await bench.pruneAll(policy), is: Pruned(audit: 1), "Then it leaves.")
    try expect(try await bench.store.audit(of: job), is: [], "It is gone.")
  }

  private static let keepsAuditOfJobs = SeamCheck("what was done to a job is known as long as the job") { bench in
    let job = try await bench.startOne()
    try await bench.work(.broken)
    try await bench.deliver(bench.store.replay([bench.click(on: job, under: .first)], next: Plans.ending).handoff)
    try await bench.work(.broken)
    let policy = RetentionPolicy(deadLetters: days(1000), audit: days(1))
    bench.time.advance(by: days(999))
    try expect(try await bench.pruneAll(policy), is: Pruned(), "The dead letter is kept, and all that belongs to it.")
    try expect(try await bench.store.audit(of: job).count, is: 1, "Who replayed it is known.")
    bench.time.advance(by: days(2))
    let pruned = try await bench.pruneAll(policy)
    try expect(pruned, is: Pruned(deadRuns: 1, events: 1, audit: 1), "Then it leaves with the job.")
  }

  private static let leavesActivations = SeamCheck("activations leave by when another took their place") { bench in
    let policy = RetentionPolicy()
    _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [first]))
    bench.time.advance(by: policy.activations + day)
    try expect(try await bench.pruneAll(policy), is: Pruned(), "What is in force stays, whatever its age.")
    _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [second]))
    bench.time.advance(by: policy.activations)
    try expect(try await bench.pruneAll(policy), is: Pruned(), "One can be rolled back to until then.")
    try expect(try await bench.store.revisions([first.hash]), is: [first], "Its revision is there.")
    bench.time.advance(by: .seconds(1))
    let pruned = try await bench.pruneAll(policy)
    try expect(pruned, is: Pruned(activations: 1, revisions: 1), "It leaves, and a revision that nothing has any more.")
    let left = try await bench.store.activations(before: nil, limit: 9)
    try expect(left.map(\.number), is: [2], "The one in force stays.")
    try expect(try await bench.store.activeRevisions(), is: [second], "So does what is active.")
    try expect(try await bench.store.revisions([first.hash]), is: [], "The revision is gone.")
    try expect(try await bench.store.rollback(to: 1, by: "ada", reason: "test"), is: nil, "There is no such number.")
    let number = try await bench.store.activate(FolderOffer(folder: "one", revisions: [first]))
    try expect(number, is: 3, "No number is given twice.")
    try expect(try await bench.store.revisions([first.hash]), is: [first], "What comes back is kept again.")
  }

  private static let keepsWhatFoldersBrought = SeamCheck("the newest activation of each folder stays") { bench in
    let policy = RetentionPolicy()
    let export = PipelineRevision(
      pipeline: "export", hash: RevisionHash(String(repeating: "3", count: 64)), source: "x")
    _ = try await bench.store.activate(FolderOffer(folder: "two", revisions: [export]))
    _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [first]))
    _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [second]))
    _ = try await bench.store.rollback(to: 2, by: "ada", reason: "green")
    bench.time.advance(by: policy.activations + .seconds(1))
    try expect(try await bench.pruneAll(policy), is: Pruned(activations: 1), "Only the second is nobody's newest.")
    let left = try await bench.store.activations(before: nil, limit: 9)
    try expect(left.map(\.number), is: [4, 3, 1], "The one in force stays, and what each folder brought last.")
    let all = try await bench.store.revisions([first.hash, second.hash, export.hash])
    try expect(all.count, is: 3, "All revisions are somewhere active or held.")
    let same = try await bench.store.activate(FolderOffer(folder: "one", revisions: [second]))
    try expect(same, is: 4, "The rollback holds.")
  }

  private static let keepsRevisionsOfRuns = SeamCheck("a revision stays as long as a run of it") { bench in
    let policy = RetentionPolicy(activations: .zero)
    let revision = media(SeamBench.revision.rawValue)
    _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [revision]))
    let job = try await bench.startOne()
    try await bench.work(.broken)
    _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [first]))
    try expect(try await bench.pruneAll(policy), is: Pruned(), "Another dispatcher may not have heard of it yet.")
    bench.time.advance(by: RetentionPolicy.slowestDispatcher + .seconds(1))
    try expect(try await bench.pruneAll(policy), is: Pruned(activations: 1), "The activation leaves.")
    try expect(try await bench.store.revisions([revision.hash]), is: [revision], "The dead letter needs its revision.")
    try await bench.deliver(bench.store.replay([bench.click(on: job, under: .first)], next: Plans.ending).handoff)
    bench.time.advance(by: days(1000))
    try expect(try await bench.pruneAll(policy), is: Pruned(), "So does the run that lives again.")
    try await bench.work()
    bench.time.advance(by: policy.events + .seconds(1))
    let pruned = try await bench.pruneAll(policy)
    try expect(pruned, is: Pruned(finishedRuns: 1, events: 1, audit: 1, revisions: 1), "It leaves after its last run.")
    try expect(try await bench.store.revisions([revision.hash, first.hash]), is: [first], "What is active stays.")
  }

  private static let windowsOutlastReplays = SeamCheck(
    "a window remembers what was done as long as something older can be replayed", scenarios: [10]
  ) { bench in
    let policy = RetentionPolicy()
    let old = try await bench.arrive(.save(1))
    bench.time.advance(by: .seconds(2))
    try await bench.settle([try await bench.leaseLoadable()], .broken)
    try await bench.arrive(.save(2))
    bench.time.advance(by: .seconds(2))
    try await bench.settle([try await bench.leaseLoadable()])
    bench.time.advance(by: policy.deadLetters - .seconds(60))
    try expect(try await bench.pruneAll(policy), is: Pruned(finishedRuns: 1, events: 1), "The newer run leaves.")
    try expect(try await bench.store.outdated([old]), is: [old], "The dead letter is out of date still.")
    let answers = try await bench.store.replay([bench.click(on: old, under: .first)], next: Plans.ending).answers
    try expect(answers, is: [.superseded], "And is not done after what is newer.")
    bench.time.advance(by: .seconds(120))
    let pruned = try await bench.pruneAll(policy)
    try expect(pruned, is: Pruned(deadRuns: 1, events: 1, windows: 1), "Then there is nothing left to compare with.")
    let late = try await bench.arrive(.save(1))
    try expect(try await bench.state(of: late), is: .queued, "A save begins anew.")
  }

  private static let keepsWindowsWithJobs = SeamCheck("a window with a job in it stays", scenarios: [10]) { bench in
    let older = try await bench.arrive(.save(1))
    bench.time.advance(by: days(1000))
    try expect(try await bench.pruneAll(RetentionPolicy()), is: Pruned(), "The job waits, and so does its window.")
    let newer = try await bench.arrive(.save(2))
    bench.time.advance(by: .seconds(2))
    let lease = try await bench.leaseLoadable()
    try expect(lease.authority.job, is: older, "The window has ended: the newer one waits for its job.")
    try await bench.settle([lease])
    try expect(try await bench.leasable(), is: [newer], "Then it is the newer one's time.")
  }

  private static let leavesBesideInSteps = SeamCheck("no step removes more of anything than it was told") { bench in
    let policy = RetentionPolicy()
    for number in 0..<5 {
      let hash = String(repeating: String(number), count: 64)
      _ = try await bench.store.activate(FolderOffer(folder: "one", revisions: [media(hash)]))
      let job = try await bench.startOne()
      try await bench.cancel([.job(job)])
    }
    bench.time.advance(by: policy.audit + .seconds(1))
    try expect(try await bench.store.prune(policy, limit: 0), is: Pruned(), "None of nothing.")
    var steps: [Pruned] = []
    while case let pruned = try await bench.store.prune(policy, limit: 2), !pruned.isEmpty { steps.append(pruned) }
    let sizes = steps.flatMap { [$0.events, $0.windows, $0.eventReplays, $0.audit, $0.activations, $0.revisions] }
    try expect(sizes.allSatisfy { $0 <= 2 }, is: true, "Each step has its bound.")
    try expect(steps.map(\.audit).reduce(0, +), is: 5, "All deeds leave.")
    try expect(steps.map(\.activations).reduce(0, +), is: 4, "All activations but the last.")
    try expect(steps.map(\.revisions).reduce(0, +), is: 4, "And what they brought.")
  }
}
