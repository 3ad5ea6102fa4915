internal import WorkerKit

extension SeamCheck {
  /// Lines of turns, in an order that the seed decides.
  static let lines = [keepsTheLine]

  /// Retries, crashes, new epochs, handoffs pushed twice, dead letters, replays and cancellations at random.
  private static let keepsTheLine = SeamCheck(
    "whatever comes between, a key's jobs run one at a time, in accepted order, and all of them", scenarios: [9, 13]
  ) { bench in
    var simulation = TurnSimulation(bench, rounds: 60)
    try await simulation.run()
  }
}
