internal import Synchronization
public import WorkerKit

/// Random bits that are the same for the same seed.
///
/// Calls from several tasks each get a number of the one sequence.
public final class SeededRandom: RandomSource {
  /// What the sequence began with: print it where a test fails.
  public let seed: UInt64
  private let generator: Mutex<SeededGenerator>

  /// Begins the sequence of `seed`.
  public init(seed: UInt64) {
    self.seed = seed
    generator = Mutex(SeededGenerator(seed: seed))
  }

  /// The next 64 bits of the sequence.
  public func next() -> UInt64 { generator.withLock { $0.next() } }
}
