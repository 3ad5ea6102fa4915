internal import WorkerKit

extension SeamCheck {
  /// What leaves by age.
  static let pruning = [leavesByAge, keepsWhatLives, leavesInSteps]

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
    try await bench.deliver(try await bench.store.replay([request]).handoff)
    bench.time.advance(by: .seconds(1000 * 86_400))
    try expect(try await bench.store.prune(RetentionPolicy(), limit: 9), is: Pruned(), "A replayed run lives again.")
    try await bench.work()
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
