import Testing
import WorkerKit
import WorkerKitTesting

@Suite("ULID")
struct ULIDTests {
  @Test func writesTheMomentAndTheRandomBits() {
    // The specification's example of a moment: 1469918176385 is 01ARYZ6S41 (https://github.com/ulid/spec).
    let moment = Timestamp(milliseconds: 1_469_918_176_385)
    #expect(ULID(at: moment, randomHigh: 0, randomLow: 0).description == "01ARYZ6S410000000000000000")
    #expect(ULID(at: moment, randomHigh: .max, randomLow: .max).description == "01ARYZ6S41ZZZZZZZZZZZZZZZZ")
    #expect(ULID(at: moment, randomHigh: 1, randomLow: 1).milliseconds == moment.milliseconds)
  }

  @Test func readsWhatItWrote() throws {
    var random = SeededGenerator.announced("ULID round trip")
    for _ in 0..<1_000 {
      let moment = Timestamp(milliseconds: Int64.random(in: 0..<1 << 48, using: &random))
      let id = ULID(at: moment, randomHigh: UInt16.random(in: 0 ... .max, using: &random), randomLow: random.next())
      #expect(ULID(id.description) == id)
      #expect(ULID(id.description.lowercased()) == id)
      #expect(id.description.utf8.count == 26)
    }
  }

  @Test func textsOrderAsMomentsDo() {
    var random = SeededGenerator.announced("ULID order")
    let moments = (0..<500).map { _ in Int64.random(in: 0..<1 << 48, using: &random) }.sorted()
    let texts = Set(moments).sorted().map {
      ULID(
        at: Timestamp(milliseconds: $0), randomHigh: UInt16(truncatingIfNeeded: random.next()), randomLow: random.next()
      )
      .description
    }
    #expect(texts == texts.sorted())
  }

  @Test(arguments: [
    "", "01ARYZ6S41", "01ARYZ6S4100000000000000000", "81ARYZ6S410000000000000000", "01ARYZ6S41000000000000000U",
    "01ARYZ6S41000000000000000I", "01ARYZ6S41000000000000000l", "01ARYZ6S41000000000000000O",
    "01ARYZ6S4100000000000000é",
    "01ARYZ6S41-000000000000000", " 1ARYZ6S410000000000000000",
  ]) func refuses(text: String) {
    #expect(ULID(text) == nil)
  }

  @Test func theGreatestIdIsReadAndWritten() {
    #expect(ULID("7ZZZZZZZZZZZZZZZZZZZZZZZZZ")?.description == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ")
    #expect(ULID("7ZZZZZZZZZZZZZZZZZZZZZZZZZ")?.milliseconds == (1 << 48) - 1)
  }
}
