internal import WorkerKit

/// One promise of the seam between store and queue, and the way to try to break it.
///
/// The checks are values, so that one suite runs against every pair of drivers, and so that a test can show that the
/// suite notices a driver that breaks its promises.
public struct SeamCheck: Sendable, CustomStringConvertible {
  /// The promise, after the number of the scenario that it comes from, where it comes from one.
  public let name: String
  /// Which of the seam's twenty scenarios it plays.
  public let scenarios: [Int]
  /// Tries to break the promise; throws a `CheckFailure` when it does.
  public let run: @Sendable (SeamBench) async throws -> Void

  init(_ name: String, scenarios: [Int] = [], run: @escaping @Sendable (SeamBench) async throws -> Void) {
    let number = scenarios.first.map { ($0 < 10 ? "0" : "") + "\($0) " } ?? ""
    self.name = number + name
    self.scenarios = scenarios
    self.run = run
  }

  public var description: String { name }

  /// Every check, in the order of subjects: taking in, leasing, settling, fences, recovering, reading,
  /// schedules, turns and limits, and all of it at random.
  public static let all: [SeamCheck] =
    intake + leasing + renewing + settling + settlingAgain + fencing + expiry + reconciling + epochs + joins + replays
    + parking + callbacks + turns + windows + executions + cancellations + endings + clocks + progress + reading
    + activations + pruning + pruningBeside + schedules + eventReplays + onCall + fairness + limits + pauses
    + simulations

  /// Runs the check against an empty pair of `driver`, in a world made from `seed`.
  /// - Throws: A `CheckFailure` that names check, driver and seed, whatever stopped the check.
  public func run(on driver: SeamDriver, seed: UInt64) async throws(CheckFailure) {
    do {
      try await play(on: driver, in: ManualTime(), seed: seed)
    } catch {
      var failure = error as? CheckFailure ?? CheckFailure("The check was stopped by \(error).")
      failure.place = "\(name), \(driver), seed \(seed)"
      throw failure
    }
  }

  private func play(on driver: SeamDriver, in time: ManualTime, seed: UInt64) async throws {
    let environment = Environment.test(seed: seed, time: time)
    let pair = try await driver.open(environment)
    do {
      let bench = SeamBench(store: pair.store, queue: pair.queue, time: time, environment: environment)
      try await bench.queue.open(bench.store.epoch())
      try await run(bench)
    } catch {
      await pair.close()
      throw error
    }
    await pair.close()
  }
}
