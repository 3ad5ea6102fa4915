import Testing
import WorkerKitTesting

@Suite("Chance from a seed")
struct SeededRandomTests {
  /// The sequence of the reference implementation for this seed, as Rosetta Code lists it
  /// (https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64).
  @Test("The sequence is that of SplitMix64")
  func matchesReference() {
    let random = SeededRandom(seed: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
      16_408_922_859_458_223_821,
    ]
    #expect(expected.map { _ in random.next() } == expected)
  }
}
