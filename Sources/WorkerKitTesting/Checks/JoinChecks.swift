internal import WorkerKit

extension SeamCheck {
  /// Stages that wait for several others.
  static let joins = [createsJoinOnce, settlesCrossedBatches, refusesSecondJob]

  private static let createsJoinOnce = SeamCheck(
    "two predecessors settled at once create one successor", scenarios: [8]
  ) {
    bench in
    let wanted = try await bench.start(100, stages: ["a", "b"])
    let leases = try await bench.leasesByJob(200)
    let plan = Plans.joining(bench.environment)
    for run in wanted {
      let pair = run.jobs.compactMap { leases[$0] }
      try expect(pair.count, is: 2, "Both predecessors are leased.")
      let answers = try await withThrowingTaskGroup(of: [SettleAnswer].self) { group in
        for lease in pair { group.addTask { try await bench.settle([lease], plan: plan) } }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      try expect(answers, is: [.settled, .settled], "Both settle.")
      let stages = try await bench.store.jobs(of: run.run).map(\.stage)
      try expect(stages.filter { $0 == "join" }.count, is: 1, "The successor is created once, and not forgotten.")
      try expect(try await bench.store.run(run.run)?.standing.state, is: .running, "The run goes on.")
    }
    try await bench.expectJoins(100)
  }

  private static let settlesCrossedBatches = SeamCheck(
    "batches that touch the same runs in opposite orders all settle", scenarios: [8]
  ) {
    bench in
    let wanted = try await bench.start(40, stages: ["a", "b"])
    let leases = try await bench.leasesByJob(80)
    let plan = Plans.joining(bench.environment)
    let batches = [wanted.compactMap { leases[$0.jobs[0]] }, wanted.reversed().compactMap { leases[$0.jobs[1]] }]
    let answers = try await withThrowingTaskGroup(of: [SettleAnswer].self) { group in
      for batch in batches { group.addTask { try await bench.settle(batch, plan: plan) } }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    try expect(answers, is: Array(repeating: .settled, count: 80), "No batch is the victim of the other.")
    try await bench.expectJoins(40)
  }

  private static let refusesSecondJob = SeamCheck(
    "a stage of a run has one job, whatever plans ask for", scenarios: [8, 12]
  ) {
    bench in
    try await bench.start(stages: ["a", "b", "c"])
    let plan = Plans.joiningAlways(bench.environment)
    for lease in try await bench.leaseAll(3) {
      try expect(try await bench.settle([lease], plan: plan), is: [.settled], "The predecessor settles.")
    }
    try await bench.expectJoins(1)
  }
}

extension SeamBench {
  /// Expects that `count` joins wait, and that they can be worked to the end.
  func expectJoins(_ count: Int, file: String = #fileID, line: Int = #line) async throws {
    let joins = try await leaseAll(count, from: "joins", file: file, line: line)
    let answers = try await settle(joins)
    try expect(answers.allSatisfy { $0 == .settled }, "Each join settles.", file: file, line: line)
    for lease in joins {
      let job = try require(try await store.job(lease.authority.job), "The join can be read.", file: file, line: line)
      let run = try await store.run(job.run)
      try expect(run?.standing.state, is: .succeeded, "The run ends with its join.", file: file, line: line)
    }
    try await expectEmpty("All have ended.", file: file, line: line)
  }
}
