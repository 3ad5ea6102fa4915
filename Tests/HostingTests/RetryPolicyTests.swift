import Testing
import WorkerKit
import WorkerKitTesting

@Suite("The waits of a retry policy")
struct RetryPolicyTests {
  @Test("Every wait lies between nothing and the doubled, bounded ceiling", arguments: [1, 2, 3] as [UInt64])
  func bounds(seed: UInt64) {
    let (random, policy) = (SeededRandom(seed: seed), RetryPolicy.standard)
    for attempt in 1...20 {
      let ceiling = min(Duration.seconds(300), .seconds(1 << (attempt - 1)))
      for _ in 0..<100 {
        let wait = policy.wait(after: attempt, chance: random.unit())
        #expect(wait >= .zero && wait < ceiling, "seed \(seed), attempt \(attempt)")
      }
    }
  }

  @Test("The jitter is full: the waits fill the whole range")
  func fullJitter() {
    let (random, policy) = (SeededRandom(seed: 5), RetryPolicy.standard)
    let waits = (0..<1000).map { _ in policy.wait(after: 4, chance: random.unit()).inSeconds }
    for eighth in 0..<8 { #expect(waits.contains { Int($0) == eighth }, "seed 5, second \(eighth)") }
    let mean = waits.reduce(0, +) / Double(waits.count)
    #expect(mean > 3.5 && mean < 4.5, "seed 5")
  }

  @Test("The other side's wish is a lower bound, and a negative one is none")
  func retryAfter() {
    let policy = RetryPolicy.standard
    #expect(policy.wait(after: 1, chance: 0.5, atLeast: .seconds(90)) == .seconds(90))
    #expect(policy.wait(after: 8, chance: 0.5, atLeast: .seconds(1)) == .seconds(64))
    #expect(policy.wait(after: 1, chance: 0, atLeast: .seconds(-1)) == .zero)
  }

  @Test("Large numbers of attempts and large waits do not overflow", arguments: [1, 40, 41, 1000, Int.max])
  func large(attempt: Int) {
    let year = Duration.seconds(365 * 86_400)
    let policy = RetryPolicy(attempts: .max, initial: year, longest: year * 2)
    // A length times a fraction is rounded to the precision of a Double.
    #expect(policy.wait(after: attempt, chance: 0.5).inSeconds == (attempt == 1 ? year / 2 : year).inSeconds)
  }

  @Test("Fewer than one attempt counts as one, and an attempt before the first as the first")
  func small() {
    #expect(RetryPolicy(attempts: 0).attempts == 1)
    #expect(RetryPolicy.standard.wait(after: 0, chance: 0.5) == .milliseconds(500))
  }
}
