internal import WorkerKit

extension SeamCheck {
  /// Wall clocks that are set while jobs wait.
  static let clocks = [endsNoDelay, losesNothing]

  private static let endsNoDelay = SeamCheck("a wall clock that is put on ends no delay and no lease", scenarios: [19])
  { bench in
    let later = try await bench.startOne()
    try await bench.work(.again(after: .seconds(10)))
    let held = try await bench.start()[0].jobs[0]
    let lease = try await bench.leaseOne()
    try expect(lease.authority.job, is: held, "The other waits for its time.")
    bench.time.step(by: .seconds(3600))
    try expect(try await bench.lease(9), is: [], "Its delay is a length, which a step does not shorten.")
    try expect(try await bench.queue.expired(limit: 9), is: [], "So is a lease.")
    try expect(try await bench.settle([lease]), is: [.settled], "The holder settles.")
    bench.time.advance(by: .seconds(10))
    try expect(try await bench.leasable(), is: [later], "The delay ends in its time.")
  }

  private static let losesNothing = SeamCheck(
    "a wall clock that is put back puts jobs off by no more, and loses none", scenarios: [19]
  ) { bench in
    let job = try await bench.startOne()
    try await bench.work(.again(after: .seconds(10)))
    bench.time.step(by: .seconds(-3600))
    bench.time.advance(by: .seconds(10))
    let lease = try await bench.leaseOne()
    let answer = try require(try await bench.store.load([lease]).first, "The lease is answered for.")
    switch answer {
    case .job: try await bench.settle([lease])
    case .gone: throw CheckFailure("The job is not gone.")
    case .notDue(let wait):
      // A store with no other clock than the one that was put back.
      try expect(wait <= .seconds(3600), "It is put off by the step at most.")
      try await bench.deliver(try await bench.store.reissue([lease.authority.claim], because: .overdue).handoff)
      try expect(try await bench.leasable(), is: [], "It waits again.")
      bench.time.advance(by: wait)
      try await bench.settle([try await bench.leaseLoadable()])
    }
    try expect(try await bench.state(of: job), is: .succeeded, "It is done in the end.")
    try expect(try await bench.standing(of: job).losses, is: 0, "Nothing was lost.")
    try await bench.expectEmpty("The job has ended.")
  }
}
