internal import Synchronization
public import WorkerKit

/// Random bits that are the same for the same seed.
///
/// The generator is SplitMix64, put into the public domain by Sebastiano Vigna
/// (https://prng.di.unimi.it/splitmix64.c; G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number
/// Generators", OOPSLA 2014). Calls from several tasks each get a number of the one sequence.
public final class SeededRandom: RandomSource {
  /// What the sequence began with: print it where a test fails.
  public let seed: UInt64
  private let state: Mutex<UInt64>

  /// Begins the sequence of `seed`.
  public init(seed: UInt64) {
    self.seed = seed
    state = Mutex(seed)
  }

  /// The next 64 bits of the sequence.
  public func next() -> UInt64 {
    state.withLock { state in
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }
}
