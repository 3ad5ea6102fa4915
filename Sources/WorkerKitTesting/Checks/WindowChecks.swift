internal import WorkerKit

extension SeamCheck {
  /// Windows in which only the newest counts.
  static let windows = [
    waitsForQuiet, takesNewest, boundsTheWait, runsOneMore, dropsOldRetry, waitsOverRetry, remembersDone,
    refusesOldReplay, replaysAlone, keepsWindowsOverWipe,
  ]

  private static let waitsForQuiet = SeamCheck("a window ends when nothing more arrives", scenarios: [10]) { bench in
    let first = try await bench.arrive(.save(1))
    bench.time.advance(by: .seconds(1))
    try expect(try await bench.leasable(), is: [], "It waits for quiet.")
    let second = try await bench.arrive(.save(2))
    bench.time.advance(by: .milliseconds(1500))
    try expect(try await bench.leasable(), is: [], "Each arrival makes it wait again.")
    bench.time.advance(by: .milliseconds(500))
    try expect(try await bench.leasable(), is: [second], "Then the newest runs.")
    let standing = try await bench.standing(of: first)
    try expect(standing.state, is: .cancelled, "The older one is cancelled.")
    try expect(standing.waitingFor, is: "superseded", "It says why.")
    try expect(try await bench.runState(of: first), is: .succeeded, "Its run has ended.")
    let history = try await bench.store.attempts(of: first).map(\.outcome)
    try expect(history, is: ["cancelled"], "Its history says so.")
  }

  private static let takesNewest = SeamCheck("newest by value, not by arrival", scenarios: [10]) { bench in
    let newer = try await bench.arrive(.save(9))
    let older = try await bench.arrive(.save(10 - 2))
    try expect(try await bench.state(of: older), is: .cancelled, "What is older is superseded at once.")
    bench.time.advance(by: .seconds(2))
    try expect(try await bench.leasable(), is: [newer], "The newest by value runs.")
  }

  private static let boundsTheWait = SeamCheck("a window has a longest wait", scenarios: [10]) { bench in
    var last = try await bench.arrive(.save(0))
    for value in 1...4 {
      bench.time.advance(by: .seconds(1))
      last = try await bench.arrive(.save(Int64(value)))
    }
    try expect(try await bench.leasable(), is: [], "It waits as long as something arrives.")
    bench.time.advance(by: .seconds(1))
    try expect(try await bench.leasable(), is: [last], "But not longer than it may.")
  }

  private static let runsOneMore = SeamCheck("what arrives while one runs causes one more", scenarios: [10]) { bench in
    try await bench.arrive(.save(1))
    bench.time.advance(by: .seconds(2))
    let running = try await bench.leaseLoadable()
    let second = try await bench.arrive(.save(2))
    let third = try await bench.arrive(.save(3))
    bench.time.advance(by: .seconds(5))
    try expect(try await bench.leasable(), is: [], "Never two at once.")
    try expect(try await bench.state(of: second), is: .cancelled, "The one between is superseded.")
    try await bench.settle([running])
    let more = try await bench.leaseLoadable()
    try expect(more.authority.job, is: third, "The newest runs once more.")
    try await bench.settle([more])
    try await bench.expectEmpty("All is saved.")
  }

  private static let dropsOldRetry = SeamCheck("a retry gives way to what is newer", scenarios: [10]) { bench in
    let old = try await bench.arrive(.save(1))
    bench.time.advance(by: .seconds(2))
    let lease = try await bench.leaseLoadable()
    let new = try await bench.arrive(.save(2))
    try await bench.settle([lease], .again(after: .seconds(1)))
    try expect(try await bench.state(of: old), is: .cancelled, "Old work is not tried again.")
    bench.time.advance(by: .seconds(2))
    try expect(try await bench.leasable(), is: [new], "The newer one runs.")
  }

  private static let waitsOverRetry = SeamCheck("what comes while one backs off waits for quiet", scenarios: [10]) {
    bench in
    try await bench.arrive(.save(1))
    bench.time.advance(by: .seconds(20))
    try await bench.settle([try await bench.leaseLoadable()], .again(after: .seconds(60)))
    let second = try await bench.arrive(.save(2))
    try expect(try await bench.leasable(), is: [], "It is not tried at once.")
    let third = try await bench.arrive(.save(3))
    try expect(try await bench.state(of: second), is: .cancelled, "The newest takes the place of both.")
    bench.time.advance(by: .seconds(2))
    try expect(try await bench.leasable(), is: [third], "It waits for quiet, and not for the other's time.")
  }

  private static let remembersDone = SeamCheck("what is older than what was done does not run", scenarios: [10]) {
    bench in
    try await bench.arrive(.save(5))
    bench.time.advance(by: .seconds(2))
    try await bench.settle([try await bench.leaseLoadable()])
    let late = try await bench.arrive(.save(4))
    try expect(try await bench.state(of: late), is: .cancelled, "It is superseded when it arrives.")
    let other = try await bench.arrive(.save(4, key: "other"))
    let missing = try await bench.arrive(.save(nil))
    bench.time.advance(by: .seconds(2))
    try expect(
      Set(try await bench.leasable()), is: [other, missing], "Another key, and a value that is missing, still run.")
  }

  private static let refusesOldReplay = SeamCheck("a dead letter that is out of date is not replayed", scenarios: [10])
  {
    bench in
    let old = try await bench.arrive(.save(1))
    bench.time.advance(by: .seconds(2))
    try await bench.settle([try await bench.leaseLoadable()], .broken)
    try await bench.arrive(.save(2))
    bench.time.advance(by: .seconds(2))
    try await bench.settle([try await bench.leaseLoadable()])
    let fence = try await bench.standing(of: old).fence
    let result = try await bench.store.replay([bench.click(on: old, under: fence)], next: Plans.ending)
    try expect(result.answers, is: [.superseded], "A newer one was done.")
    try expect(try await bench.state(of: old), is: .failed, "It stays a dead letter.")
  }

  private static let replaysAlone = SeamCheck("a replayed dead letter takes the place of older ones", scenarios: [10]) {
    bench in
    let newest = try await bench.arrive(.save(9))
    bench.time.advance(by: .seconds(2))
    try await bench.settle([try await bench.leaseLoadable()], .broken)
    let working = try await bench.arrive(.save(7))
    bench.time.advance(by: .seconds(2))
    let lease = try await bench.leaseLoadable()
    try expect(lease.authority.job, is: working, "What is older runs, since the newest is dead.")
    let waiting = try await bench.arrive(.save(8))
    let fence = try await bench.standing(of: newest).fence
    let result = try await bench.store.replay([bench.click(on: newest, under: fence)], next: Plans.ending)
    try await bench.deliver(result.handoff)
    try expect(result.answers, is: [.replayed], "Nothing newer was done.")
    try expect(result.ended.map(\.id), is: [waiting], "What is older and waits is told to be superseded.")
    try expect(try await bench.state(of: waiting), is: .cancelled, "It has ended.")
    bench.time.advance(by: .seconds(10))
    try expect(try await bench.leasable(), is: [], "Never two at once.")
    try await bench.settle([lease])
    try expect(try await bench.leasable(), is: [newest], "Then the newest runs.")
  }

  private static let keepsWindowsOverWipe = SeamCheck("a wiped queue opens no window early", scenarios: [10, 13]) {
    bench in
    let job = try await bench.arrive(.save(1))
    try await bench.changeEpoch()
    try expect(try await bench.leasable(), is: [], "It still waits for quiet.")
    bench.time.advance(by: .seconds(2))
    try expect(try await bench.leasable(), is: [job], "And then it runs.")
  }
}

extension JobOrdering {
  /// An arrival in a window of 2 s, 5 s at most.
  static func save(_ value: Int64?, key: String = "document") -> JobOrdering {
    JobOrdering(
      window: Window(key: key, quiet: .seconds(2), maxWait: .seconds(5), value: value.map { .integer($0) }))
  }
}
