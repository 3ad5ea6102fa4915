import Testing
import WorkerKit

@Suite("Tests of pipelines: lists, schedules, failures", .timeLimit(.minutes(5)))
struct TrialPolicyTests {
  private static let pages = """
    pipeline: pages
    trigger: { event: BookUploaded }
    stages:
      page:
        uses: media.scan
        each: { in: "${event.payload.pages}", parallel: 2 }
        with: { object: "${item}" }
        on_failure: { event: PageFailed, payload: { why: "${failure.code}: ${failure.message}" } }
      book:
        uses: media.scan
        needs: [page]
        join: { page: [succeeded, failed] }
        with: { object: "${page.outputs.0.verdict:-nothing}", count: "${page.count:-0}" }
    """
  private static let nightly = """
    pipeline: nightly
    trigger: { cron: "0 3 * * *" }
    stages:
      sweep: { uses: media.scan, with: { object: "${event.payload.scheduled_at}" } }
    """

  private func report(_ text: String, _ trial: String) throws -> TrialReport {
    let pipeline = try Pipeline.compile(text, file: "p.yaml")
    let trials = try PipelineTrials.read("cases:\n  - \(trial)\n", file: "p.test.yaml", pipeline: pipeline)
    return try #require(try trials.trials.first?.report(on: pipeline, registry: WorkerRegistry()))
  }

  /// The differences of a case over a book of three pages, one line each.
  private func differences(stages: String = "{}", expect: String, pages: String = "[a, b, c]") throws -> [String] {
    let event = "{ payload: { pages: \(pages) } }"
    return try report(Self.pages, "{ case: one, event: \(event), stages: \(stages), expect: \(expect) }")
      .differences.map { ([$0.subject] + $0.lines).joined(separator: "|") }
  }

  @Test("one mock serves all elements, or each has its own")
  func mocks() throws {
    let all = "{ page: { output: { verdict: clean } } }"
    let book = "book: { with_exactly: { object: clean, count: 3 } }"
    #expect(try differences(stages: all, expect: "{ ran: { page: { count: 3 }, \(book) } }") == [])
    let each = "{ page: { elements: [{ output: { verdict: clean } }, { fails: { kind: poison, code: torn } }] } }"
    let wanted = "{ ran: { page: { count: 3 }, \(book) }, failed: [page], cancelled: [] }"
    #expect(try differences(stages: each, expect: wanted) == [])
  }

  @Test("what the workers were called with is compared for all elements, or one by one")
  func calls() throws {
    let call = { (call: String) in try differences(expect: "{ ran: { page: \(call), book: ~ } }") }
    #expect(try call("{ with: { object: [a, b, c] } }") == [])
    #expect(try call("{ with: { object: [a, c] } }").map { $0.prefix(12) } == ["page[1].with"])
    #expect(try call("{ elements: [{ with: { object: [a] } }, ~, { with_exactly: { object: c } }] }") == [])
    #expect(try call("{ elements: [~, { with: { object: [c] } }, ~] }").map { $0.prefix(12) } == ["page[1].with"])
    #expect(try call("{ count: 2 }") == ["page|- called for 2 elements|+ called for 3"])
    #expect(try call("{ elements: [~] }") == ["page|- called for 1 elements|+ called for 3"])
  }

  @Test("an empty list calls nobody, and is no failure")
  func empty() throws {
    let book = "book: { with_exactly: { object: nothing, count: 0 } }"
    #expect(try differences(expect: "{ ran: { \(book) }, failed: [], skipped: [] }", pages: "[]") == [])
    #expect(try differences(expect: "{ ran: { page: { count: 0 }, \(book) } }", pages: "[]") == [])
    #expect(try differences(expect: "{ ran: { page: { count: 0 }, book: ~ } }") == ["ran|+ page"])
  }

  @Test("a value that is no list fails the stage before any worker is called")
  func notAList() throws {
    #expect(try differences(expect: "{ ran: [book], failed: [page] }", pages: "three") == [])
  }

  @Test("the event of a dead letter is among those emitted, once, with what went wrong")
  func onFailure() throws {
    let stages = "{ page: { fails: { kind: crash, code: died, message: Killed. } } }"
    let emitted = #"{ emitted: [{ event: PageFailed, payload_exactly: { why: "died: Killed." } }] }"#
    #expect(try differences(stages: stages, expect: emitted) == [])
    #expect(try differences(stages: stages, expect: "{ emitted: [] }").first?.hasPrefix("emitted|+ PageFailed") == true)
    let trial = "{ case: one, event: { payload: { pages: [a] } }, stages: \(stages), expect: { ran: [page, book] } }"
    #expect(
      try report(Self.pages, trial).stages.map(\.end) == [
        "failed for 1 of 1 element; 0 failed: crash died", "succeeded",
      ])
  }

  @Test("a schedule's case has a tick, unless it says otherwise")
  func schedules() throws {
    let ran = "expect: { ran: { sweep: { with_exactly: { object: \"2026-01-01T00:00:00.000Z\" } } } }"
    #expect(try report(Self.nightly, "{ case: one, \(ran) }").differences == [])
    #expect(try report(Self.nightly, "{ case: one, event: {}, \(ran) }").differences == [])
    let other = ran.replacing("2026-01-01T00:00:00.000Z", with: "noon")
    #expect(
      try report(Self.nightly, "{ case: one, event: { payload: { scheduled_at: noon } }, \(other) }").differences == [])
    for event in ["{ payload: { pipeline: weekly } }", "{ type: BookUploaded }"] {
      #expect(try report(Self.nightly, "{ case: one, event: \(event), expect: { runs: false } }").isPassed)
    }
  }

  @Test(
    "what does not fit a list is told of",
    arguments: [
      ("{ case: a, expect: { ran: [] } }", "cases[0] needs the key 'event'"),
      ("{ case: a, event: {}, stages: { book: { elements: [] } }, expect: { ran: [] } }", "unknown key 'elements'"),
      (
        "{ case: a, event: {}, stages: { page: { output: {}, elements: [] } }, expect: { ran: [] } }",
        "has elements, and what stands for all of them"
      ),
      ("{ case: a, event: {}, stages: { page: { elements: {} } }, expect: { ran: [] } }", "must be a list"),
      ("{ case: a, event: {}, stages: { page: { elements: [{}] } }, expect: { ran: [] } }", "one of output and fails"),
      ("{ case: a, event: {}, expect: { ran: { book: { count: 1 } } } }", "unknown key 'count'"),
      ("{ case: a, event: {}, expect: { ran: { page: { count: -1 } } } }", "whole number from 0 to 1000"),
      ("{ case: a, event: {}, expect: { ran: { page: { count: 1, elements: [~] } } } }", "both count and elements"),
      ("{ case: a, event: {}, expect: { ran: { page: { elements: 1 } } } }", "must be a list"),
      ("{ case: a, event: {}, expect: { emitted: [{ event: PageFaild }] } }", "did you mean 'PageFailed'?"),
    ])
  func refuses(trial: String, problem: String) throws {
    let error = #expect(throws: PipelineFileError.self) { try report(Self.pages, trial) }
    #expect(error?.description.contains(problem) == true, "\(String(describing: error))")
  }
}
