internal import WorkerKit

extension SeamCheck {
  /// Documents that are written by many at once, in an order that the seed decides.
  static let coalescing = [
    coalescing(documents: 100, rounds: 40, steps: 6, unbroken: true),
    coalescing(documents: 20, rounds: 60, steps: 12, unbroken: false),
  ]

  /// However saves come and whoever fails, the newest is kept, seldom, one at a time, and each is accounted for.
  ///
  /// Saves come shuffled, twice, late and at once. `unbroken` is for documents that are written without a pause as long
  /// as their quiet time; each is then saved ⌈T / longest wait⌉ + 1 times at most, T being the time from its first save
  /// to its last. Where there are pauses, that holds for each time between two of them. An attempt that failed, or
  /// whose lease was lost, is no save.
  public static func coalescing(documents: Int, rounds: Int, steps: Int, unbroken: Bool) -> SeamCheck {
    coalescing(documents: documents, rounds: rounds, steps: steps, unbroken: unbroken) { _ in }
  }

  /// As above; `tell` is given what came of it, in words.
  public static func coalescing(
    documents: Int, rounds: Int, steps: Int, unbroken: Bool, tell: @escaping @Sendable (String) -> Void
  ) -> SeamCheck {
    let size = SavingSimulation.Size(documents: documents, rounds: rounds, steps: steps, isUnbroken: unbroken)
    return SeamCheck(
      "\(documents) documents written \(unbroken ? "without" : "with") pauses are kept as they were written last",
      scenarios: [10]
    ) { bench in
      var simulation = SavingSimulation(bench, size)
      let tally = try await simulation.run()
      tell(
        "\(tally.events) saves of \(documents) documents: kept \(tally.saves) of \(tally.mostSaves) at most, "
          + "\(tally.superseded) superseded, \(tally.outdated) out of date, \(tally.failures) failed attempts, "
          + "\(tally.heads) heads right")
    }
  }
}
