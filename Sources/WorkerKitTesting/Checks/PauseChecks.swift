internal import WorkerKit

extension SeamCheck {
  /// Of what nothing is granted for a while.
  static let pauses = [pausesQueues, pausesParts, pausesOverWaits, pausesFromTheStart, pausesLeaveWhatRuns]

  private static func paused(_ scopes: PauseScope..., version: Int64 = 1) -> QueueControls {
    QueueControls(version: version, paused: Set(scopes))
  }

  private static let pausesQueues = SeamCheck("nothing of a paused queue is granted", scenarios: [16]) { bench in
    try await bench.queue.project(paused(.queue("media")))
    let media = try await bench.start(3, queue: "media").flatMap(\.jobs)
    let mail = try await bench.start(2, queue: "mail").flatMap(\.jobs)
    try expect(try await bench.lease(9, from: "media"), is: [], "The paused queue waits.")
    try expect(try await bench.lease(9, from: "mail").map(\.authority.job), is: mail, "Another does not.")
    let depth = try await bench.queue.depths().first { $0.queue == "media" }
    try expect(depth?.waiting, is: 3, "What waits is still there.")
    try await bench.queue.project(paused(version: 2))
    try expect(try await bench.lease(9, from: "media").map(\.authority.job), is: media, "Resumed, it goes on in order.")
  }

  private static let pausesParts = SeamCheck("nothing of a paused pipeline, stage or tenant is granted") { bench in
    let scopes: [PauseScope] = [
      .pipeline(SeamBench.pipeline), .stage(SeamBench.pipeline, "held"), .tenant("held"),
    ]
    for (number, scope) in scopes.enumerated() {
      let version = Int64(number * 2 + 1)
      try await bench.queue.project(paused(scope, version: version))
      let free = try await bench.arrive(JobOrdering(), tenant: "free", stage: "free")
      let held = try await bench.arrive(JobOrdering(), tenant: "held", stage: "held")
      let isWhole = number == 0
      try expect(try await bench.lease(9).map(\.authority.job), is: isWhole ? [] : [free], "\(scope) waits.")
      try await bench.queue.project(paused(version: version + 1))
      try expect(
        Set(try await bench.lease(9).map(\.authority.job)), is: isWhole ? [free, held] : [held], "\(scope) goes on.")
    }
  }

  private static let pausesOverWaits = SeamCheck("what comes due, retries or is pushed again stays paused") { bench in
    let retried = try await bench.startOne()
    try await bench.work(.again(after: .seconds(10)))
    try await bench.queue.project(paused(.tenant(SeamBench.tenant)))
    bench.time.advance(by: .seconds(10))
    let pushed = try await bench.startOne()
    try expect(try await bench.lease(9), is: [], "Nothing is granted.")
    try await bench.queue.project(paused(version: 0))
    try expect(try await bench.lease(9), is: [], "Older controls change nothing.")
    try await bench.queue.project(paused(version: 2))
    try expect(Set(try await bench.lease(9).map(\.authority.job)), is: [retried, pushed], "Resumed, both are granted.")
  }

  private static let pausesFromTheStart = SeamCheck(
    "a pause outlives the loss of a queue: nothing is granted before it is known", scenarios: [16]
  ) { bench in
    try await bench.start(3)
    try await bench.changeEpoch(under: paused(.pipeline(SeamBench.pipeline)))
    try expect(try await bench.lease(9), is: [], "The new epoch begins paused.")
    try await bench.start(2)
    try expect(try await bench.lease(9), is: [], "What comes waits as well.")
    try await bench.queue.project(paused(version: 2))
    try expect(try await bench.lease(9).count, is: 5, "Resumed, all are granted.")
  }

  private static let pausesLeaveWhatRuns = SeamCheck("what is under way goes on while its queue is paused") { bench in
    try await bench.start()
    let lease = try await bench.leaseOne()
    try await bench.queue.project(paused(.queue(.standard), .tenant(SeamBench.tenant)))
    try expect(try await bench.queue.renew([lease]), is: [.extended], "It is renewed.")
    try expect(try await bench.settle([lease]), is: [.settled], "It is settled.")
    try await bench.expectEmpty("It is done.")
  }
}
