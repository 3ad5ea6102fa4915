import Testing
import WorkerKit

@Suite("Pipelines: fuzz")
struct PipelinesFuzzTests {
  @Test("two thousand damaged files are read or refused, with places that are in the file")
  func damagedFiles() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix(state: seed)
    let registry = try Fixture.registry()
    let original = Array(PipelinesReadingTests.text.unicodeScalars)
    var refused = 0
    for _ in 0..<2000 {
      var scalars = original
      for _ in 0..<Int.random(in: 1...4, using: &random) { Self.damage(&scalars, &random) }
      let text = String(String.UnicodeScalarView(scalars))
      do {
        let pipeline = try Pipeline.compile(text, file: "f.yaml", registry: registry)
        #expect(pipeline.ordered.count == pipeline.stages.count, "seed \(seed)")
      } catch {
        refused += 1
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        let places = error.problems.map { (1...lines.count + 1).contains($0.line) && $0.column >= 1 }
        #expect(!places.isEmpty && places.allSatisfy { $0 }, "seed \(seed)")
      }
    }
    #expect(refused > 500, "seed \(seed)")
  }

  private static func damage(_ scalars: inout [Unicode.Scalar], _ random: inout SplitMix) {
    let at = Int.random(in: scalars.indices, using: &random)
    let end = min(scalars.count, at + Int.random(in: 1...40, using: &random))
    switch Int.random(in: 0..<5, using: &random) {
    case 0: scalars.remove(at: at)
    case 1: scalars[at] = noise.randomElement(using: &random) ?? " "
    case 2: scalars.insert(noise.randomElement(using: &random) ?? " ", at: at)
    case 3: scalars.insert(contentsOf: scalars[at..<end], at: Int.random(in: scalars.indices, using: &random))
    default: scalars.removeSubrange(at..<end)
    }
  }

  private static let noise = Array(
    "{}[]:,*&!|>'\"%@`#-?$~ \n\t\r0a\u{0}\u{E000}\u{FEFF}\u{2028}\u{85}é😀".unicodeScalars)
}

/// S. Vigna's SplitMix64 (https://prng.di.unimi.it/splitmix64.c): a seed repeats a run.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
