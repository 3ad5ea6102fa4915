import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Pipelines: fuzz", .timeLimit(.minutes(60)))
struct PipelinesFuzzTests {
  private static let count = FuzzCount.of(4_000)

  /// Files that together have every key.
  private static let originals = [PipelinesReadingTests.text, FullPipeline.text, scheduled].map {
    Array($0.unicodeScalars)
  }

  private static let scheduled = """
    pipeline: nightly
    trigger: { cron: "*/5 3 1,15 * MON-FRI", time_zone: Europe/Berlin }
    defaults: { coalesce: { key: "k ${event.id}", quiet: 50ms, max_wait: 1h }, batch: { size: 1000 } }
    stages:
      a: { uses: media.scan, with: { object: "${event.payload.x:-{}}" }, coalesce: ~ }
      b: { uses: media.scan, needs: [a], join: { a: [failed] }, with: { object: '${a.verdict:-"}"}' } }
    """

  @Test("damaged files are read or refused, with places that are in the file")
  func damagedFiles() throws {
    var random = SeededGenerator.announced("pipeline fuzz")
    let registry = try Fixture.registry()
    var (refused, taken) = (0, 0)
    for round in 0..<Self.count {
      var scalars = Self.originals[round % Self.originals.count]
      for _ in 0..<Int.random(in: 1...4, using: &random) { Self.damage(&scalars, &random) }
      let text = String(String.UnicodeScalarView(scalars))
      do {
        // Half without workers: what the check of options refuses early hides the rest.
        let pipeline = try Pipeline.compile(text, file: "f.yaml", registry: round % 2 == 0 ? registry : nil)
        #expect(pipeline.ordered.count == pipeline.stages.count, "round \(round)")
        taken += 1
      } catch {
        refused += 1
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        let places = error.problems.map { (1...lines.count + 1).contains($0.line) && $0.column >= 1 }
        #expect(!places.isEmpty && places.allSatisfy { $0 }, "round \(round)")
      }
    }
    #expect(refused > Self.count / 4 && taken > Self.count / 50, "\(refused) refused, \(taken) taken")
  }

  private static func damage(_ scalars: inout [Unicode.Scalar], _ random: inout SeededGenerator) {
    let at = Int.random(in: scalars.indices, using: &random)
    let end = min(scalars.count, at + Int.random(in: 1...40, using: &random))
    switch Int.random(in: 0..<7, using: &random) {
    case 0: scalars.remove(at: at)
    case 1: scalars[at] = noise.randomElement(using: &random) ?? " "
    case 2: scalars.insert(noise.randomElement(using: &random) ?? " ", at: at)
    case 3: scalars.insert(contentsOf: scalars[at..<end], at: Int.random(in: scalars.indices, using: &random))
    case 4: scalars.removeSubrange(at..<end)
    default: scalars.insert(contentsOf: (words.randomElement(using: &random) ?? "").unicodeScalars, at: at)
    }
  }

  private static let noise = Array(
    "{}[]:,*&!|>'\"%@`#-?$~ \n\t\r0a\u{0}\u{E000}\u{FEFF}\u{2028}\u{85}é😀".unicodeScalars)

  private static let words = [
    "${scan.verdict}", "${page.x}", "${failure.kind}", "${event.payload.a:-", ":-{", ":-\"", "}", "null", "[]", "{}",
    "false", "succeeded", "join: { scan: [skipped] }", "each: { in: \"${event.payload.l}\", as: scan }",
    "serial_by: x\n", "fair_by: x\n", "limit: { rate: 1/s }", "20/s",
    "    needs: [join]\n", "*", "&a ", "99999999999999999999", "1h", "1GiB", "- ", "uses: a.b\n",
  ]
}
