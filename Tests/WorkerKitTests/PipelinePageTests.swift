import Foundation
import Testing

@testable import WorkerKit

/// Tries what `docs/pipelines.md` says.
@Suite("Pipelines: the page", .timeLimit(.minutes(5)))
struct PipelinePageTests {
  private static let page = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../docs/pipelines.md")

  /// The examples, with what the page lets its reader think of.
  private static func examples() throws -> [String] {
    try String(contentsOf: page, encoding: .utf8).split(separator: "```yaml\n").dropFirst().map { part in
      let example = part.prefix(upTo: part.firstRange(of: "```")?.lowerBound ?? part.endIndex)
      return example.hasPrefix("pipeline:")
        ? String(example) : "pipeline: documents\ntrigger: { event: DocumentSaved }\n\(example)"
    }
  }

  @Test("each example compiles")
  func compiled() throws {
    let registry = try DesignWorkers.registry()
    let examples = try Self.examples()
    #expect(examples.count >= 18)
    for example in examples {
      do {
        _ = try Pipeline.compile(example, file: "page.yaml", registry: registry)
      } catch {
        Issue.record("\(error.description) in\n\(example)")
      }
    }
  }

  @Test("every key has an example")
  func keys() throws {
    let examples = try Self.examples().joined()
    let keys =
      PipelineReader.keys + TriggerReader.keys + StageReader.keys + FanoutReader.keys + IsolationReader.keys
      + LimitReader.keys + FairReader.keys
    let below = ["key", "on_dead", "quiet", "max_wait", "newest_by", "size", "wait", "attempts", "initial", "max"]
    for key in keys + below + ["after", "payload"] { #expect(examples.contains("\(key):"), "\(key)") }
  }

  @Test("every key of a stage, and of a file, has a row of its own")
  func rows() throws {
    let page = try String(contentsOf: Self.page, encoding: .utf8)
    for key in PipelineReader.keys + StageReader.keys { #expect(page.contains("[`\(key)`](#"), "\(key)") }
    for key in IsolationReader.keys { #expect(page.contains("| `\(key)` |"), "\(key)") }
  }

  @Test("every code has a row")
  func codes() throws {
    let page = try String(contentsOf: Self.page, encoding: .utf8)
    for code in PipelineProblem.Code.allCases {
      #expect(page.contains("\n| \(code.number) | `\(code.word)` | "), "\(code.number)")
    }
  }

  @Test("the bounds are those of the code")
  func bounds() throws {
    let page = try String(contentsOf: Self.page, encoding: .utf8).replacing("\n", with: " ")
    let texts = [
      "`lease` (\(words(PipelineLimits.leases)))", "`quiet` (\(words(PipelineLimits.quiet)))",
      "`wait` (\(words(PipelineLimits.batchWaits)))", "Texts, 1 to \(PipelineLimits.executionKeyParts),",
      "1 to \(PipelineLimits.attempts).", "up to \(PipelineLimits.nameCharacters) lower-case letters",
    ]
    let flow = [
      "1 to \(PipelineLimits.limits) limits", "at most \(Self.grouped(PipelineLimits.fastestRate)) a second",
      "`burst` (1 to \(Self.grouped(PipelineLimits.bursts.upperBound)))",
      "a time of \(words(PipelineLimits.rateTimes))",
      "1 to \(Self.grouped(PipelineLimits.concurrencies.upperBound))", "up to \(PipelineLimits.weights) weights",
      "from \(JobFlow.weights.lowerBound) to \(Self.grouped(JobFlow.weights.upperBound))",
    ]
    for text in texts + flow { #expect(page.contains(text), "\(text)") }
    let standard = IsolationPolicy.standard
    #expect(page.contains("256MiB to 1TiB | \(standard.memoryBytes >> 30)GiB |"))
    #expect(page.contains("1MiB to 1TiB | \(standard.fileBytes >> 30)GiB |"))
    #expect(page.contains("32 to 65,536 | \(standard.openFiles) |"))
  }

  private static func grouped(_ number: Int) -> String {
    number < 1000 ? "\(number)" : "\(grouped(number / 1000))," + String(String(1000 + number % 1000).dropFirst())
  }

  private func words(_ bounds: ClosedRange<Duration>) -> String {
    "\(DurationText.write(bounds.lowerBound)) to \(DurationText.write(bounds.upperBound))"
  }
}
