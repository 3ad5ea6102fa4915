public import WorkerKit

extension Environment {
  /// A world that repeats itself: a clock that stands still until it is advanced, and chance from a seed.
  public static func test(seed: UInt64, time: ManualTime = ManualTime()) -> Environment {
    Environment(time: time, random: SeededRandom(seed: seed))
  }
}
