internal import WorkerKit

extension SeamCheck {
  /// Who is told of jobs that end without an attempt.
  static let endings = [tellsSuperseded, tellsRetried, tellsShared, tellsCancelled, tellsReplayed]

  private static let tellsSuperseded = SeamCheck("what is superseded is told to whoever caused it", scenarios: [10]) {
    bench in
    let older = try await bench.arrival(.save(2))
    try expect(older.ended, is: [], "It waits.")
    let newer = try await bench.arrival(.save(3))
    try expect(newer.ended.map(\.id), is: [older.job], "The arrival ends the older one.")
    let told = try require(newer.ended.first, "It is told.")
    try expect(told.standing.state, is: .cancelled, "It is told as it stands.")
    try expect(told.standing.waitingFor, is: "superseded", "With the reason.")
    try expect(told.stage, is: "work", "With what it was.")
    let late = try await bench.arrival(.save(1))
    try expect(late.ended.map(\.id), is: [late.job], "One that comes too late ends itself.")
    try expect(try await bench.state(of: newer.job), is: .queued, "The newest waits.")
  }

  private static let tellsRetried = SeamCheck("a retry that gives way is told as superseded", scenarios: [10]) {
    bench in
    let old = try await bench.arrive(.save(1))
    bench.time.advance(by: .seconds(2))
    let lease = try await bench.leaseLoadable()
    try await bench.arrive(.save(2))
    let result = try await bench.store.settle(
      [bench.settlement(lease, .again(after: .seconds(1)))], plan: Plans.ending)
    try expect(result.ended.map(\.id), is: [old], "It is told by the settlement of its attempt.")
    try expect(result.ended.map(\.standing.attempts), is: [1], "The attempt was spent.")
  }

  private static let tellsShared = SeamCheck("what ends with another's result is told once", scenarios: [11]) { bench in
    try await bench.arrive(.work("a"))
    let follower = try await bench.arrive(.work("a"))
    let lease = try await bench.leaseLoadable()
    let settlement = bench.settlement(lease, .done)
    let result = try await bench.store.settle([settlement], plan: Plans.ending)
    try expect(result.ended.map(\.id), is: [follower], "The follower ends with its leader, which is not told.")
    try expect(result.ended.map(\.standing.state), is: [.succeeded], "It is told as it stands.")
    try expect(result.ended.map(\.standing.attempts), is: [0], "It had no attempt.")
    let again = try await bench.store.settle([settlement], plan: Plans.ending)
    try expect(again.answers, is: [.settled], "Asked again, the answer is the same.")
    try expect(again.ended, is: [], "But nothing is told twice.")
    let later = try await bench.arrival(.work("a"))
    try expect(later.ended.map(\.id), is: [later.job], "What was done before ends at once.")
  }

  private static let tellsCancelled = SeamCheck("what is cancelled is told once", scenarios: [6]) { bench in
    let wanted = try await bench.start(1, stages: ["a", "b"])[0]
    let held = try await bench.leaseAll(2)
    let wish = CancelRequest(.run(wanted.run), by: "ann", reason: "No.")
    let result = try await bench.store.cancel([wish], next: Plans.ending)
    try expect(Set(result.ended.map(\.id)), is: Set(wanted.jobs), "All that lived are told.")
    try expect(result.ended.count, is: 2, "Each once.")
    try expect(result.ended.allSatisfy { $0.standing.state == .cancelled }, "As they stand.")
    let again = try await bench.store.cancel([wish], next: Plans.ending)
    try expect(again.ended, is: [], "A second wish ends nothing.")
    let late = try await bench.store.settle(held.map { bench.settlement($0, .done) }, plan: Plans.ending)
    try expect(late.answers, is: [.ended, .ended], "Whoever held them comes too late.")
    try expect(late.ended, is: [], "And ends nothing.")
  }

  private static let tellsReplayed = SeamCheck("a replay whose work was done meanwhile is told", scenarios: [11]) {
    bench in
    let dead = try await bench.arrive(.work("a"))
    try await bench.settle([try await bench.leaseLoadable()], .broken)
    try await bench.arrive(.work("a"))
    try await bench.settle([try await bench.leaseLoadable()])
    let fence = try await bench.standing(of: dead).fence
    let result = try await bench.store.replay([bench.click(on: dead, under: fence)], next: Plans.ending)
    try expect(result.answers, is: [.replayed], "It is replayed.")
    try expect(result.ended.map(\.id), is: [dead], "It ends at once.")
    try expect(result.ended.map(\.standing.state), is: [.succeeded], "With the result of the other.")
    try expect(try await bench.runState(of: dead), is: .succeeded, "What follows in its run was planned.")
  }
}
