internal import WorkerKit

extension SeamCheck {
  /// Pushes that are lost, late or doubled.
  static let reconciling = [
    findsLostPush, neverChurns, refusesLatePush, secondWallStopsDoublePush, drains,
  ]

  private static let findsLostPush = SeamCheck("a job whose push was lost is found and pushed", scenarios: [3, 4]) {
    bench in
    let wanted = bench.wanted(3)
    _ = try await bench.commit(wanted)
    let jobs = wanted.flatMap(\.jobs)
    try expect(try await bench.store.due(limit: 9), is: [], "Nothing is overdue at once.")
    bench.time.advance(by: .seconds(29))
    try expect(try await bench.store.due(limit: 9), is: [], "Nothing is overdue while it may still be pushed.")
    bench.time.advance(by: .seconds(60))
    let due = try await bench.store.due(limit: 9)
    guard !bench.store.movesQueue else {
      return try expect(due, is: [], "A store that moves its queue loses no push.")
    }
    try expect(Set(due.flatMap(\.jobs)), is: Set(jobs.map { FencedJob(job: $0, fence: .first) }), "All are overdue.")
    try expect(try await bench.store.due(limit: 0), is: [], "No more are told than asked for.")
    try expect(try await bench.reconcile(), is: [.raised, .raised, .raised], "The queue knows none of them.")
    let leases = try await bench.lease(9)
    try expect(Set(leases.map(\.authority.job)), is: Set(jobs), "All are pushed.")
    bench.time.advance(by: .seconds(60))
    try expect(try await bench.store.due(limit: 9), is: [], "What was reissued and arrived is not overdue.")
    try expect(try await bench.settle(leases), is: [.settled, .settled, .settled], "All settle.")
    for job in jobs {
      try expect(try await bench.standing(of: job).losses, is: 0, "A lost push is no lost lease.")
    }
  }

  private static let neverChurns = SeamCheck(
    "two reconcilers never raise the fence of what the queue knows", scenarios: [3]
  ) {
    bench in
    let wanted = bench.wanted(2)
    if let handoff = try await bench.commit(wanted).handoff {
      // The push arrives, and the word that it did is lost.
      _ = try await bench.queue.push(handoff)
    }
    let lease = try require(try await bench.lease(1).first, "One job is leased, the other waits.")
    try expect(try await bench.begin(lease), is: .kept, "The attempt begins.")
    for _ in 0..<50 {
      bench.time.advance(by: .seconds(10))
      try expect(try await bench.queue.renew([lease]), is: [.extended], "The worker is alive.")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<2 { group.addTask { _ = try await bench.reconcile() } }
        try await group.waitForAll()
      }
      try await bench.reap()
    }
    for job in wanted.flatMap(\.jobs) {
      try expect(try await bench.standing(of: job).fence, is: .first, "No fence was raised.")
    }
    try expect(try await bench.settle([lease]), is: [.settled], "The live worker settles.")
    try await bench.work()
    try await bench.expectEmpty("Both jobs have ended.")
  }

  private static let refusesLatePush = SeamCheck("a push that comes late is refused", scenarios: [4]) { bench in
    guard let late = try await bench.commit(bench.wanted()).handoff else { return }
    try expect(late.notAfter > bench.time.now, "A handoff may be pushed for a time.")
    bench.time.advance(by: late.notAfter - bench.time.now + .seconds(30))
    try expect(try await bench.queue.push(late), is: [.refused], "A push after its time is refused.")
    try expect(try await bench.lease(9), is: [], "It has put nothing into the queue.")
    try expect(try await bench.reconcile(), is: [.raised], "Another pushes the job.")
    try await bench.work()
    try expect(try await bench.queue.push(late), is: [.refused], "A push after the end is refused.")
    try await bench.expectEmpty("The job has ended.")
  }

  private static let secondWallStopsDoublePush = SeamCheck(
    "a job pushed again after its end is not run", scenarios: [4]
  ) {
    bench in
    guard let handoff = try await bench.commit(bench.wanted()).handoff else { return }
    try await bench.deliver(handoff)
    try await bench.work()
    _ = try await bench.queue.push(handoff)
    for lease in try await bench.lease(9) {
      try expect(try await bench.load(lease) == nil, "The store says that there is nothing to do.")
      try expect(try await bench.queue.finish([lease.authority]), is: [.removed], "Its entry can be removed.")
    }
    try await bench.expectEmpty("The job has ended.")
  }

  private static let drains = SeamCheck("a thousand jobs leave nothing behind", scenarios: [20]) { bench in
    try await bench.start(1000)
    var settled = 0
    while settled < 1000, case let leases = try await bench.lease(100), !leases.isEmpty {
      let result = try await bench.store.settle(leases.map { bench.settlement($0, .done) }, plan: Plans.ending)
      settled += result.answers.count { $0 == .settled }
      // A store that moves its queue has finished them already, even if its host never comes to it.
      if !bench.store.movesQueue { _ = try await bench.queue.finish(leases.map(\.authority)) }
    }
    try expect(settled, is: 1000, "All are settled.")
    try await bench.expectEmpty("All have ended.")
    let open = try await bench.store.jobs(JobFilter(states: [.pending, .queued, .running]))
    try expect(open, is: [], "No job lives.")
  }
}
