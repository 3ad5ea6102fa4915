internal import WorkerKit

extension SeamCheck {
  /// Jobs that are the same work.
  static let executions = [sharesSuccess, sharesLater, sharesBrokenness, passesTheLead, keepsExecutionsApart]

  private static let sharesSuccess = SeamCheck("followers have their leader's output", scenarios: [11]) { bench in
    let leader = try await bench.arrive(.work("a"))
    let followers = [try await bench.arrive(.work("a")), try await bench.arrive(.work("a"))]
    let lease = try await bench.leaseLoadable()
    try expect(lease.authority.job, is: leader, "One of them works.")
    try await bench.settle([lease])
    for follower in followers {
      let job = try require(try await bench.store.job(follower), "The follower can be read.")
      try expect(job.standing.state, is: .succeeded, "The others have succeeded.")
      try expect(job.output, is: Array(#"{"ok":true}"#.utf8), "They have its output.")
      try expect(try await bench.runState(of: follower), is: .succeeded, "Their runs have ended.")
    }
    try await bench.expectEmpty("The work was done once.")
  }

  private static let sharesLater = SeamCheck("what was done is not done again", scenarios: [11]) { bench in
    try await bench.arrive(.work("a"))
    try await bench.settle([try await bench.leaseLoadable()])
    let later = try await bench.arrive(.work("a"))
    let job = try require(try await bench.store.job(later), "The job can be read.")
    try expect(job.standing.state, is: .succeeded, "It has succeeded at once.")
    try expect(job.output, is: Array(#"{"ok":true}"#.utf8), "It has the output.")
    try expect(try await bench.runState(of: later), is: .succeeded, "Its run has ended.")
    try await bench.expectEmpty("The work was done once.")
  }

  private static let sharesBrokenness = SeamCheck("what will never work fails for all", scenarios: [11]) { bench in
    try await bench.arrive(.work("a"))
    let follower = try await bench.arrive(.work("a"))
    try await bench.settle([try await bench.leaseLoadable()], .broken)
    let job = try require(try await bench.store.job(follower), "The follower can be read.")
    try expect(job.standing.state, is: .failed, "It has failed alike.")
    try expect(job.failure?.code, is: "broken", "It says why.")
    let next = try await bench.arrive(.work("a"))
    try expect(try await bench.leasable(), is: [next], "Who comes later tries again.")
  }

  private static let passesTheLead = SeamCheck("a follower takes over from a leader that is gone", scenarios: [11]) {
    bench in
    let leader = try await bench.arrive(.work("a"))
    let second = try await bench.arrive(.work("a"))
    let third = try await bench.arrive(.work("a"))
    try await bench.cancel([.job(leader)])
    let lease = try await bench.leaseLoadable()
    try expect(lease.authority.job, is: second, "The oldest follower leads.")
    try await bench.settle([lease], .timedOut(Failure(.deadline, "too_long", "It ran past its time.")))
    let last = try await bench.leaseLoadable()
    try expect(last.authority.job, is: third, "Then the next.")
    try await bench.settle([last])
    try expect(try await bench.state(of: second), is: .timedOut, "Who timed out stays a dead letter.")
  }

  private static let keepsExecutionsApart = SeamCheck("tenants share no execution", scenarios: [11]) { bench in
    let jobs = [try await bench.arrive(.work("a")), try await bench.arrive(.work("a"), tenant: "other")]
    try expect(Set(try await bench.leasable()), is: Set(jobs), "Both work.")
  }
}

extension JobOrdering {
  /// Work that is the same as all of its key.
  static func work(_ key: String) -> JobOrdering { JobOrdering(execution: key) }
}
