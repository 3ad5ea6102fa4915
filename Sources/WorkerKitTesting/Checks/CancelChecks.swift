internal import WorkerKit

extension SeamCheck {
  /// Ending what is not wanted any more.
  static let cancellations = [cancelsWaiting, cancelsRunning, cancelsUnheard, cancelsRuns, cancelsDownstream]

  private static let cancelsWaiting = SeamCheck("a job that waits is cancelled at once", scenarios: [6]) { bench in
    let job = try await bench.startOne()
    let answers = try await bench.cancel([.job(job), .job(JobID(bench.environment.id()))])
    try expect(answers, is: [.cancelled, .missing], "Each is answered for.")
    let standing = try await bench.standing(of: job)
    try expect(standing.state, is: .cancelled, "It is cancelled.")
    try expect(standing.fence, is: .first.raised, "Under a new fence.")
    try expect(standing.finishedAt, is: bench.time.now, "It has ended.")
    try expect(try await bench.cancel([.job(job)]), is: [.ended], "A second wish finds it ended.")
    try expect(try await bench.store.deadLetterCount(), is: 0, "It is no dead letter.")
    try expect(try await bench.leasable(), is: [], "Nobody leases it.")
    try await bench.expectEmpty("It is over.")
  }

  private static let cancelsRunning = SeamCheck("a running attempt is told at its next renewal", scenarios: [6]) {
    bench in
    let job = try await bench.startOne()
    let lease = try await bench.leaseOne()
    try expect(try await bench.begin(lease), is: .kept, "The attempt has begun.")
    try await bench.cancel([.job(job)])
    try expect(try await bench.queue.renew([lease]), is: [.lost], "Its renewal is refused.")
    try expect(try await bench.settleOnly(lease), is: .ended, "What it did is not recorded.")
    try expect(try await bench.state(of: job), is: .cancelled, "The job stays cancelled.")
    try await bench.expectEmpty("It is over.")
  }

  private static let cancelsUnheard = SeamCheck(
    "whoever looks sees a cancellation that the queue never heard of", scenarios: [6]
  ) { bench in
    let job = try await bench.startOne()
    let lease = try await bench.leaseOne()
    try expect(try await bench.begin(lease), is: .kept, "The attempt has begun.")
    let wish = CancelRequest(.job(job), by: "ann", reason: "No.")
    // Killed before the queue is told.
    _ = try await bench.store.cancel([wish], next: Plans.ending)
    let renewed = try await bench.queue.renew([lease])
    if bench.store.movesQueue {
      try expect(renewed, is: [.lost], "A store that moves its queue has told it.")
    } else {
      try expect(renewed, is: [.extended], "The queue knows of nothing.")
    }
    try expect(try await bench.load(lease) == nil, "The store tells whoever looks at the lease.")
    try expect(try await bench.begin(lease), is: .stale, "And whoever writes under it.")
    bench.time.advance(by: SeamBench.leaseLength)
    try await bench.reap()
    try await bench.expectEmpty("It is over.")
  }

  private static let cancelsRuns = SeamCheck("a run is cancelled with all that would follow", scenarios: [6]) { bench in
    let wanted = try await bench.start(1, stages: ["a", "b"])[0]
    let leases = try await bench.leasesByJob(2)
    let done = try require(leases[wanted.jobs[0]], "The first job is leased.")
    try await bench.settle([done]) { _ in RunPlan() }
    try expect(try await bench.cancel([.run(wanted.run)]), is: [.cancelled], "The run is cancelled.")
    try expect(try await bench.state(of: wanted.jobs[0]), is: .succeeded, "What had ended stays.")
    try expect(try await bench.state(of: wanted.jobs[1]), is: .cancelled, "What was live is cancelled.")
    let standing = try await bench.store.run(wanted.run)?.standing
    try expect(standing?.state, is: .cancelled, "The run says so.")
    try expect(standing?.finishedAt, is: bench.time.now, "It has ended.")
    let late = try require(leases[wanted.jobs[1]], "The second job is leased.")
    let result = try await bench.store.settle([bench.settlement(late, .done)], plan: Plans.joining(bench.environment))
    try expect(result.answers, is: [.ended], "Nothing more is recorded.")
    try expect(result.handoff, is: nil, "Nothing follows.")
    try expect(try await bench.cancel([.run(wanted.run)]), is: [.ended], "A second wish finds it ended.")
  }

  private static let cancelsDownstream = SeamCheck("what follows from a cancelled job is planned", scenarios: [6]) {
    bench in
    let job = try await bench.startOne()
    let result = try await bench.store.cancel([CancelRequest(.job(job), by: "ann", reason: "No.")]) { run in
      let isCancelled = run.stages["work"]?.state == .cancelled
      return RunPlan(
        state: isCancelled ? .succeeded : .running,
        idle: isCancelled ? ["after": IdleStage(.cancelled, reason: "work was cancelled")] : [:])
    }
    try expect(result.answers, is: [.cancelled], "The job is cancelled.")
    let run = try require(try await bench.store.job(job)?.run, "The job can be read.")
    let idle = try await bench.store.run(run)?.standing.idle["after"]
    try expect(idle?.kind, is: .cancelled, "The stage after it is cancelled with it.")
  }
}
