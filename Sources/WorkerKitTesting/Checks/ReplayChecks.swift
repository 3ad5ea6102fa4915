internal import WorkerKit

extension SeamCheck {
  /// Dead letters that are run again.
  static let replays = [replaysOnce, replaysFromBothEnds, refusesWhatIsNotDead, replaysTogether, continuesFences]

  private static let replaysOnce = SeamCheck(
    "a replay reopens job and run, and a second click does nothing", scenarios: [6]
  ) {
    bench in
    let wanted = try await bench.start()
    let lease = try await bench.work(.broken)
    let request = bench.click(on: lease.authority.job, under: .first)
    let result = try await bench.store.replay([request], next: Plans.ending)
    try expect(result.answers, is: [.replayed], "The dead letter is replayed.")
    try await bench.deliver(result.handoff)
    let standing = try await bench.standing(of: lease.authority.job)
    try expect(standing.state, is: .queued, "The job waits again.")
    try expect(standing.fence, is: .first.raised, "It has a new fence.")
    try expect(standing.attempts, is: 0, "It has all its attempts before it.")
    try expect(standing.finishedAt, is: nil, "It has not ended.")
    let running = try await bench.store.run(wanted[0].run)?.standing
    try expect(running?.state, is: .running, "Its run goes on.")
    try expect(running?.finishedAt, is: nil, "Its run has not ended.")
    try expect(try await bench.store.deadLetterCount(), is: 0, "It is no dead letter any more.")
    let second = try await bench.store.replay([request], next: Plans.ending)
    try expect(second.answers, is: [.changed], "The second click finds it changed.")
    try expect(second.handoff, is: nil, "The second click pushes nothing.")
    try await bench.work()
    let ended = try await bench.store.run(wanted[0].run)?.standing
    try expect(ended, is: RunStanding(state: .succeeded, finishedAt: bench.time.now), "The run has succeeded.")
    let history = try await bench.store.attempts(of: lease.authority.job)
    try expect(history.map(\.outcome), is: ["failed", "succeeded"], "History has what was before.")
    try expect(history.map(\.attempt), is: [1, 1], "Attempts are counted since the replay.")
  }

  private static let replaysFromBothEnds = SeamCheck("both kinds of dead letter can be replayed") { bench in
    try await bench.start(2)
    let leases = try await bench.leaseAll(2)
    try await bench.settle([leases[0]], .broken)
    try await bench.settle([leases[1]], .timedOut(Failure(.deadline, "too_long", "It ran past its time.")))
    try expect(try await bench.store.deadLetterCount(), is: 2, "Both are dead letters.")
    let result = try await bench.store.replay(
      leases.map { bench.click(on: $0.authority.job, under: .first) }, next: Plans.ending)
    try expect(result.answers, is: [.replayed, .replayed], "Both are replayed.")
    try await bench.deliver(result.handoff)
    try expect(try await bench.lease(9).count, is: 2, "Both can be leased.")
  }

  private static let refusesWhatIsNotDead = SeamCheck("only a dead letter can be replayed") { bench in
    let done = try await bench.start().flatMap(\.jobs)
    try await bench.work()
    let live = try await bench.start().flatMap(\.jobs)
    let requests = (done + live + [JobID(bench.environment.id())]).map { bench.click(on: $0, under: .first) }
    let result = try await bench.store.replay(requests, next: Plans.ending)
    try expect(result.answers, is: [.notDead, .notDead, .missing], "Each is refused with its reason.")
    try expect(result.handoff, is: nil, "Nothing is pushed.")
    let old = try await bench.store.replay(
      (done + live).map { bench.click(on: $0, under: .first.raised) }, next: Plans.ending)
    try expect(old.answers, is: [.changed, .changed], "That it is not what the person saw is said before all else.")
    try expect(try await bench.standing(of: done[0]).state, is: .succeeded, "The end stands.")
  }

  private static let replaysTogether = SeamCheck("of clicks at once, one replays", scenarios: [6]) { bench in
    try await bench.start()
    let lease = try await bench.work(.broken)
    let request = bench.click(on: lease.authority.job, under: .first)
    let answers = try await withThrowingTaskGroup(of: [ReplayAnswer].self) { group in
      for _ in 0..<8 {
        group.addTask {
          let result = try await bench.store.replay([request], next: Plans.ending)
          try await bench.deliver(result.handoff)
          return result.answers
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    try expect(answers.count { $0 == .replayed }, is: 1, "One of eight clicks replays.")
    try await bench.work()
    try await bench.expectEmpty("The job ran once more.")
  }

  private static let continuesFences = SeamCheck(
    "fences go on over replays, and an old preview is refused", scenarios: [6, 13]
  ) {
    bench in
    let job = try await bench.startOne()
    for round in 1...3 {
      let fence = Fence(rawValue: Int64(round))
      let lease = try await bench.work(.broken)
      try expect(lease.authority.fence, is: fence, "Each replay continues the fences.")
      if round > 1 {
        let old = try await bench.store.replay([bench.click(on: job, under: .first)], next: Plans.ending)
        try expect(old.answers, is: [.changed], "What the person saw is no longer so.")
      }
      try await bench.deliver(bench.store.replay([bench.click(on: job, under: fence)], next: Plans.ending).handoff)
    }
    let fences = try await bench.store.attempts(of: job).map(\.fence.rawValue)
    try expect(fences, is: [1, 2, 3], "History has every fence.")
  }
}

extension SeamBench {
  /// A person's wish to replay what they saw under `fence`.
  func click(on job: JobID, under fence: Fence) -> ReplayRequest {
    ReplayRequest(job: job, fence: fence, by: "ann", reason: "The cause is mended.")
  }
}
