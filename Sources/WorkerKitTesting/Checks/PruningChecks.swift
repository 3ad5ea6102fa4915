internal import WorkerKit

extension SeamCheck {
  /// What leaves by age.
  static let pruning = [leavesByAge, leavesSuperseded, knowsDuplicates, keepsWhatLives, keepsWhatBlocks, leavesInSteps]

  private static let leavesByAge = SeamCheck(
    "finished runs leave first, dead letters later, events after their runs", scenarios: [13]
  ) { bench in
    let wanted = try await bench.start(2)
    let leases = try await bench.leaseAll(2)
    try await bench.settle([leases[0]])
    try await bench.settle([leases[1]], .broken)
    let (done, dead) = (leases[0].authority.job, leases[1].authority.job)
    let policy = RetentionPolicy()
    bench.time.advance(by: policy.finishedRuns)
    try expect(try await bench.store.prune(policy, limit: 9), is: Pruned(), "Nothing is old enough.")
    bench.time.advance(by: .seconds(1))
    try expect(try await bench.store.prune(policy, limit: 9), is: Pruned(finishedRuns: 1), "The finished run leaves.")
    try expect(try await bench.store.job(done), is: nil, "Its job has left with it.")
    try expect(try await bench.store.attempts(of: done), is: [], "So have its attempts.")
    try expect(try await bench.store.job(dead)?.standing.state, is: .failed, "The dead letter stays.")
    let event = try require(wanted.first { $0.jobs.contains(done) }?.event, "The job has an event.")
    try expect(try await bench.store.record([event]), is: [.duplicate], "Its event is still known as a duplicate.")
    bench.time.advance(by: policy.events)
    try expect(try await bench.store.prune(policy, limit: 9), is: Pruned(events: 1), "An event without runs leaves.")
    bench.time.advance(by: policy.deadLetters)
    // Its event may leave in the same step or in the next.
    let first = try await bench.store.prune(policy, limit: 9)
    let second = try await bench.store.prune(policy, limit: 9)
    try expect(first.deadRuns, is: 1, "A dead letter leaves by age.")
    try expect(first.events + second.events, is: 1, "Its event leaves with it or after it.")
    try expect(try await bench.store.deadLetterCount(), is: 0, "It is gone.")
    try expect(try await bench.store.prune(policy, limit: 9), is: Pruned(), "Nothing is left.")
  }

  private static let leavesSuperseded = SeamCheck("a superseded run leaves before the others", scenarios: [10]) {
    bench in
    let older = try await bench.arrive(.save(1))
    let newer = try await bench.arrive(.save(2))
    bench.time.advance(by: .seconds(2))
    try await bench.settle([try await bench.leaseLoadable()])
    let policy = RetentionPolicy()
    bench.time.advance(by: policy.supersededRuns + .seconds(-2))
    try expect(try await bench.store.prune(policy, limit: 9), is: Pruned(), "It is kept for a day.")
    bench.time.advance(by: .seconds(3))
    try expect(try await bench.store.prune(policy, limit: 0), is: Pruned(), "No step removes more than it was told.")
    let pruned = try await bench.store.prune(policy, limit: 9)
    try expect(pruned, is: Pruned(supersededRuns: 1), "Then it leaves.")
    try expect(try await bench.store.job(older), is: nil, "Its job has left with it.")
    try expect(try await bench.state(of: newer), is: .succeeded, "What took its place stays.")
    let late = try await bench.arrive(.save(1))
    try expect(try await bench.state(of: late), is: .cancelled, "The window remembers what was done.")
  }

  private static let knowsDuplicates = SeamCheck(
    "an event sent again within the window is known, whatever has left", scenarios: [12]
  ) { bench in
    let event = try await bench.start()[0].event
    try await bench.work()
    let day = Duration.seconds(86_400)
    let shortest = RetentionPolicy(
      supersededRuns: .seconds(1), finishedRuns: .seconds(1), deadLetters: .seconds(1), events: .seconds(1))
    bench.time.advance(by: day)
    let pruned = try await bench.store.prune(shortest, limit: 9)
    try expect(pruned, is: Pruned(finishedRuns: 1), "Its run leaves, and the event stays.")
    try expect(try await bench.store.record([event]), is: [.duplicate], "It is known without its run.")
    bench.time.advance(by: RetentionPolicy.duplicateWindow + .zero - day - .seconds(1))
    try expect(try await bench.store.prune(shortest, limit: 9), is: Pruned(), "It is kept for the whole window.")
    try expect(try await bench.store.record([event]), is: [.duplicate], "It is known until the window's end.")
    try expect(try await bench.store.unroutedCount(), is: 0, "It starts nothing.")
    try expect(try await bench.store.jobs(JobFilter()), is: [], "There is no second job.")
    bench.time.advance(by: day)
    try expect(try await bench.store.prune(shortest, limit: 9), is: Pruned(events: 1), "Then it leaves.")
    try expect(try await bench.store.record([event]), is: [.accepted], "And is new again: the window is stated.")
  }

  private static let keepsWhatLives = SeamCheck("what is under way never leaves, whatever its age", scenarios: [13]) {
    bench in
    let job = try await bench.startOne()
    let late = bench.wanted()
    _ = try await bench.store.record(late.map(\.event))
    bench.time.advance(by: .seconds(1000 * 86_400))
    try expect(try await bench.store.prune(RetentionPolicy(), limit: 9), is: Pruned(), "Everything is under way.")
    try expect(try await bench.standing(of: job).state, is: .queued, "The job waits as before.")
    try expect(try await bench.store.unroutedCount(), is: 1, "The event waits as before.")
    try await bench.work(.broken)
    let request = bench.click(on: job, under: .first)
    try await bench.deliver(try await bench.store.replay([request], next: Plans.ending).handoff)
    bench.time.advance(by: .seconds(1000 * 86_400))
    try expect(try await bench.store.prune(RetentionPolicy(), limit: 9), is: Pruned(), "A replayed run lives again.")
    try await bench.work()
  }

  private static let keepsWhatBlocks = SeamCheck("a dead letter that holds its line stays", scenarios: [9, 13]) {
    bench in
    let first = try await bench.arrive(.turn("a", onDead: .block))
    try await bench.settle([try await bench.leaseLoadable()], .broken)
    let second = try await bench.arrive(.turn("a", onDead: .block))
    bench.time.advance(by: .seconds(1000 * 86_400))
    try expect(try await bench.store.prune(RetentionPolicy(), limit: 9), is: Pruned(), "Whoever is behind still waits.")
    let fence = try await bench.standing(of: first).fence
    try await bench.deliver(bench.store.replay([bench.click(on: first, under: fence)], next: Plans.ending).handoff)
    for wanted in [first, second] {
      let lease = try await bench.leaseLoadable()
      try expect(lease.authority.job, is: wanted, "Replayed, it makes way for those behind.")
      try await bench.settle([lease])
    }
    bench.time.advance(by: .seconds(1000 * 86_400))
    let pruned = try await bench.store.prune(RetentionPolicy(), limit: 9)
    try expect(pruned.finishedRuns, is: 2, "What holds nothing leaves.")
  }

  private static let leavesInSteps = SeamCheck("no step removes more than it was told") { bench in
    try await bench.start(25)
    try await bench.settle(try await bench.leaseAll(25))
    bench.time.advance(by: .seconds(20 * 86_400))
    var steps: [Int] = []
    while case let pruned = try await bench.store.prune(RetentionPolicy(), limit: 10), !pruned.isEmpty {
      steps.append(pruned.finishedRuns)
    }
    try expect(steps, is: [10, 10, 5], "Each step has its bound.")
    try expect(try await bench.store.jobs(JobFilter()), is: [], "All have left.")
  }
}
