internal import WorkerKit

extension SeamCheck {
  /// Everything at once, in an order that the seed decides.
  static let simulations = [endsEveryJobOnce, keepsLimits]

  private static let keepsLimits = SeamCheck(
    "whatever comes, retries, is lost or changes, no limit is exceeded and all is done", scenarios: [16]
  ) { bench in
    var simulation = LimitSimulation(bench)
    for _ in 0..<600 { try await simulation.step() }
    try await simulation.drain()
    try await bench.expectEmpty("All is done.")
  }

  private static let endsEveryJobOnce = SeamCheck(
    "whoever dies between any two steps, every job succeeds once", scenarios: [1, 2, 3, 4, 8, 14]
  ) { bench in
    let wanted = bench.wanted(20, stages: ["a", "b"])
    var simulation = SeamSimulation(bench, wanted: wanted)
    for _ in 0..<1500 { try await simulation.step() }
    try await simulation.drain()
    for run in wanted {
      let jobs = try await bench.store.jobs(of: run.run)
      try expect(jobs.map(\.stage).sorted(), is: ["a", "b", "join"], "Each stage has one job.")
      try expect(try await bench.store.run(run.run)?.standing.state, is: .succeeded, "The run has succeeded.")
      for job in jobs {
        let history = try await bench.store.attempts(of: job.id)
        try expect(history.count { $0.outcome == "succeeded" }, is: 1, "Success is recorded once.")
        try expect(history.last?.outcome, is: "succeeded", "Nothing is recorded after it.")
        let fences = history.map(\.fence)
        try expect(fences, is: fences.sorted(), "Fences only grow.")
        try expect(Set(fences).count, is: fences.count, "Each fence ends once.")
        try expect(
          job.standing.attempts, is: history.count { $0.outcome != "lost" && $0.outcome != "released" },
          "Each attempt is counted, and nothing else is.")
      }
    }
    try await bench.expectEmpty("All have succeeded.")
  }
}
