import WorkerKitTesting

extension SeededGenerator {
  /// A generator with a new seed, which is printed so that a failing run can be repeated.
  static func announced(_ name: String) -> SeededGenerator {
    let seed = UInt64.random(in: .min ... .max)
    print("\(name): seed \(seed)")
    return SeededGenerator(seed: seed)
  }
}
