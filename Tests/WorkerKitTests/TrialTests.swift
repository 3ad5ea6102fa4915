import Testing
import WorkerKit

@Suite("Tests of pipelines", .timeLimit(.minutes(5)))
struct TrialTests {
  private static let pipeline = """
    pipeline: media
    trigger: { event: MediaUploaded, match: { payload: { kind: [picture] } } }
    stages:
      scan: { uses: media.scan, with: { object: "${event.payload.object}" } }
      quarantine: { uses: media.quarantine, needs: [scan], when: { scan: { verdict: [infected] } } }
      index:
        uses: search.index
        needs: [scan]
        when: { scan: { verdict: [clean] } }
        with: { words: "${scan.words}" }
      tell: { uses: notify.inapp, needs: [index] }
    emit:
      - { event: MediaProcessed, after: [index], payload: { object: "${event.payload.object}", size: 3 } }
    """

  private func reports(_ cases: String) throws -> [TrialReport] {
    let pipeline = try Pipeline.compile(Self.pipeline, file: "media.yaml")
    let trials = try PipelineTrials.read("cases:\n" + cases, file: "media.test.yaml", pipeline: pipeline)
    return try trials.trials.map { try $0.report(on: pipeline, registry: WorkerRegistry()) }
  }

  /// One case over a picture, of which the test writes stages and expectation.
  private func report(stages: String = "{}", expect: String) throws -> TrialReport {
    try #require(
      try reports(
        """
          - case: one
            event: { payload: { kind: picture, object: cat.png } }
            stages: \(stages)
            expect: \(expect)
        """
      ).first)
  }

  /// The differences, one line each.
  private func differences(stages: String = "{}", expect: String) throws -> [String] {
    try report(stages: stages, expect: expect).differences.map { ([$0.subject] + $0.lines).joined(separator: "|") }
  }

  private let clean = "{ scan: { output: { verdict: clean, words: 7 } } }"

  @Test("What must run, be skipped and be emitted is compared with what a server would do")
  func passes() throws {
    let found = try differences(
      stages: clean,
      expect: """
        {
          ran: { scan: { with: { object: [{ prefix: cat }] } }, index: { with_exactly: { words: 7 } }, tell: ~ },
          skipped: [quarantine], cancelled: [], failed: [],
          emitted: [{ event: MediaProcessed, payload: { object: [cat.png] } }] }
        """)
    #expect(found == [])
  }

  @Test("Lists are whole lists, and what is not named is not looked at")
  func comparesLists() throws {
    #expect(
      try differences(stages: clean, expect: "{ ran: [scan, quarantine] }") == [
        "ran|- quarantine (it skipped: scan.verdict is not \"infected\")|+ index|+ tell"
      ])
    #expect(try differences(stages: clean, expect: "{ skipped: [] }") == ["skipped|+ quarantine"])
    #expect(try differences(stages: clean, expect: "{ failed: [] }") == [])
  }

  @Test("Options and payloads differ with a path, what was asked for and what was found")
  func comparesValues() throws {
    #expect(
      try differences(stages: clean, expect: "{ ran: { scan: { with: { object: [dog.png] } }, index: ~, tell: ~ } }")
        == ["scan.with|- object is not \"dog.png\"|+ \"cat.png\""])
    #expect(
      try differences(stages: clean, expect: "{ ran: { scan: ~, index: { with_exactly: { words: 8 } }, tell: ~ } }")
        == ["index.with|-   \"words\": 8|+   \"words\": 7"])
    #expect(
      try differences(stages: clean, expect: "{ emitted: [{ event: MediaProcessed, payload: { size: [4] } }] }")
        == ["emitted|- MediaProcessed|    - size is not 4|    + 3|+ MediaProcessed {\"object\":\"cat.png\",\"size\":3}"]
    )
    #expect(try differences(stages: clean, expect: "{ emitted: [] }").count == 1)
  }

  @Test(
    "A failure ends what needs it, by its kind", arguments: ["permanent", "deadline", "crash", "transient", "poison"])
  func fails(kind: String) throws {
    let stages = "{ scan: { fails: { kind: \(kind), code: broken } } }"
    let report = try report(
      stages: stages, expect: "{ ran: [scan], failed: [scan], cancelled: [quarantine, index, tell], emitted: [] }")
    #expect(report.differences == [])
    let how = kind == "deadline" ? "timed out" : "failed"
    #expect(
      report.stages.map(\.end) == [
        "failed: \(kind) broken", "cancelled: scan \(how)", "cancelled: scan \(how)", "cancelled: index was cancelled",
      ])
  }

  @Test("A reference that leads to nothing fails its stage before the worker is called")
  func findsUnresolved() throws {
    let report = try report(
      stages: "{ scan: { output: { verdict: clean } } }", expect: "{ ran: [scan], failed: [index] }")
    #expect(report.differences == [])
    #expect(report.stages.map(\.end).contains("failed: ${scan.words} leads to nothing"))
  }

  @Test("An event that starts no run says why")
  func tellsOfNoRun() throws {
    let found = try reports(
      """
        - { case: other, event: { payload: { kind: sound } }, expect: { runs: false } }
        - { case: wrong, event: { payload: { kind: sound } }, expect: { ran: [scan] } }
        - { case: right, event: { payload: { kind: picture, object: o } }, expect: { runs: false } }
        - { case: type, event: { type: MediaRemoved }, expect: { runs: false } }
      """)
    #expect(found.map(\.isPassed) == [true, false, false, true])
    #expect(found[1].differences.first?.lines == ["- true", "+ false: payload.kind is not \"picture\""])
    #expect(found[2].differences.first?.lines == ["- false", "+ true"])
    #expect(found[1].line == 3)
  }

  @Test(
    "A bad test file is told of with place, code and what was meant",
    arguments: [
      (
        "{ case: a, event: {}, expect: { rans: [] } }",
        "2:37: error P004: unknown key 'rans' in cases[0].expect; did you mean 'ran'?"
      ),
      (
        "{ case: a, event: {}, expect: { ran: [scam] } }",
        "2:43: error P018: pipeline 'media' has no stage 'scam'; did you mean 'scan'?"
      ),
      (
        "{ case: a, event: {}, stages: { scan: {} }, expect: { ran: [] } }",
        "2:43: error P009: cases[0].stages.scan needs one of output and fails"
      ),
      (
        "{ case: a, event: {}, stages: { scan: { fails: { kind: permanant } } }, expect: { ran: [] } }",
        "did you mean 'permanent'?"
      ),
      ("{ case: a, event: { playload: 1 }, expect: { ran: [] } }", "2:25: error P017: cases[0].event.playload"),
      ("{ case: a, event: { tenant_id: 7 }, expect: { ran: [] } }", "2:25: error P009: cases[0].event.tenant_id"),
      ("{ case: a, event: { payload: \"${x.y}\" }, expect: { ran: [] } }", "error P013"),
      ("{ case: a, event: {}, expect: { emitted: [{ event: MediaProcesed }] } }", "did you mean 'MediaProcessed'?"),
      ("{ case: a, event: {}, expect: { runs: false, ran: [] } }", "asks for no run, and for what is in it"),
      ("{ case: a, event: {}, expect: {} }", "asks for nothing"),
      ("{ case: a, event: {} }", "cases[0] needs the key 'expect'"),
      (
        "{ case: a, event: {}, expect: { ran: { scan: { with: {a: [1]}, with_exactly: {} } } } }",
        "has both with and with_exactly"
      ),
    ])
  func refuses(line: String, problem: String) throws {
    let error = #expect(throws: PipelineFileError.self) { try reports("  - \(line)\n") }
    #expect(error?.description.contains(problem) == true, "\(String(describing: error))")
    #expect(error?.description.hasPrefix("media.test.yaml:2:") == true)
  }

  @Test("Two cases of one name, no cases, and no mapping are problems")
  func refusesShapes() throws {
    #expect(throws: PipelineFileError.self) {
      try reports("  - &a { case: a, event: {}, expect: { runs: false } }\n  - *a\n")
    }
    #expect(throws: PipelineFileError.self) { try reports("  []") }
    let pipeline = try Pipeline.compile(Self.pipeline, file: "media.yaml")
    for text in ["", "- one", "7", "cases: 7"] {
      #expect(throws: PipelineFileError.self) {
        try PipelineTrials.read(text, file: "media.test.yaml", pipeline: pipeline)
      }
    }
  }

  @Test("A case comes out the same each time")
  func repeats() throws {
    let first = try report(stages: clean, expect: "{ emitted: [] }")
    #expect(try report(stages: clean, expect: "{ emitted: [] }") == first)
  }
}
