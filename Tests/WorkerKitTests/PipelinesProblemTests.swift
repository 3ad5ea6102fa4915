import Testing
import WorkerKit

/// A broken file and the exact line that it must be refused with, for every code.
struct BrokenFile: Sendable, CustomTestStringConvertible {
  let name: String
  let text: String
  let expected: [String]
  var testDescription: String { name }

  init(_ name: String, _ text: String, _ expected: String...) {
    self.name = name
    self.text = text
    self.expected = expected
  }
}

/// Puts stages into a pipeline: they begin in line 4.
func pipeline(_ stages: String, after: String = "") -> String {
  "pipeline: media\ntrigger: { event: MediaUploaded }\nstages:\n" + stages + "\n" + after
}

let scan = "  scan: { uses: media.scan, with: { object: x } }"

private let structure = [
  BrokenFile(
    "syntax", "pipeline: media\ntrigger: { event: A\nstages: 3\n",
    "m.yaml:3:7: error P001: this is not YAML: did not find expected ',' or '}'"),
  BrokenFile(
    "unquoted reference", pipeline("  scan: { uses: media.scan, with: { object: ${event.payload.key} } }"),
    "m.yaml:4:46: error P001: this is not YAML: did not find expected ',' or '}'; within { } and [ ] a reference needs "
      + "quotes: \"${…}\""),
  BrokenFile(
    "two documents", pipeline(scan) + "---\na: 1\n",
    "m.yaml:5:1: error P001: a pipeline file is one YAML document: but found another document"),
  BrokenFile("empty", "# nothing\n", "m.yaml:1:1: error P007: the file is empty"),
  BrokenFile(
    "too large", String(repeating: "#", count: 1 << 20) + "\n",
    "m.yaml:1:1: error P002: the file has more than 1048576 bytes"),
  BrokenFile(
    "unknown alias", pipeline("  scan: { uses: media.scan, retry: *standrad }", after: "description: &standard x"),
    "m.yaml:4:36: error P003: alias '*standrad' names no anchor before it"),
  BrokenFile(
    "unknown keys", pipeline(scan + "\n  more:\n    uses: media.scan\n    retrys: 3\n    depends_on: a"),
    "m.yaml:5:3: error P024: stage 'more' needs the option 'object' of media.scan; add 'object' under 'with'",
    "m.yaml:7:5: error P004: unknown key 'retrys' in stages.more; did you mean 'retry'?",
    "m.yaml:8:5: error P004: this version does not know the key 'depends_on' in stages.more"),
  BrokenFile(
    "unknown key at the top", pipeline(scan, after: "emits: []"),
    "m.yaml:5:1: error P004: unknown key 'emits'; did you mean 'emit'?"),
  BrokenFile(
    "repeated keys", pipeline("  scan: { uses: media.scan, uses: a.b, with: { object: x, object: y } }\n" + scan),
    "m.yaml:4:29: error P005: key 'uses' is repeated; it stands in line 4 already",
    "m.yaml:4:59: error P005: key 'object' is repeated; it stands in line 4 already",
    "m.yaml:5:3: error P005: key 'scan' is repeated; it stands in line 4 already"),
  BrokenFile(
    "repeated quoted key", pipeline(scan, after: "'pipeline': other"),
    "m.yaml:5:1: error P005: key 'pipeline' is repeated; it stands in line 1 already"),
  BrokenFile(
    "wrong types", "pipeline: 010\ntrigger: []\nstages: { scan: [] }\nemit: {}",
    "m.yaml:1:11: error P006: pipeline must be a text, not a number",
    "m.yaml:2:10: error P006: trigger must be a mapping, not a list",
    "m.yaml:3:17: error P006: stages.scan must be a mapping, not a list",
    "m.yaml:4:7: error P006: emit must be a list, not a mapping"),
  BrokenFile(
    "needs as a text", pipeline(scan + "\n  b: { uses: media.scan, needs: scan, with: { object: x } }"),
    "m.yaml:5:33: error P006: stages.b.needs must be a list, not a text; write [scan]"),
  BrokenFile(
    "missing keys", "description: x\n",
    "m.yaml:1:1: error P007: the file needs the key 'pipeline'",
    "m.yaml:1:1: error P007: the file needs the key 'trigger'",
    "m.yaml:1:1: error P007: the file needs the key 'stages'"),
  BrokenFile(
    "missing uses", pipeline("  scan: { queue: fast }"), "m.yaml:4:3: error P007: stages.scan needs the key 'uses'"),
  BrokenFile(
    "names", "pipeline: Media\ntrigger: { event: 1st }\nstages:\n  event: { uses: Scan, queue: A }",
    "m.yaml:1:11: error P008: 'Media' is no name of a pipeline: up to 64 lower-case letters, digits, '-' and '_', a "
      + "letter first",
    "m.yaml:2:19: error P008: trigger.event must be a type like MediaUploaded: letters, digits, '.', '-' and '_', a "
      + "letter first",
    "m.yaml:4:3: error P008: a stage cannot be called 'event', which stands for the event",
    "m.yaml:4:18: error P008: 'Scan' is no worker's name; names are like media.thumbnails: lower-case letters and dots",
    "m.yaml:4:31: error P008: 'A' is no name of a queue: up to 64 lower-case letters, digits, '-' and '_', a letter "
      + "first"),
  BrokenFile(
    "values", pipeline("  scan: { uses: media.scan, with: { object: .inf }, retry: { attempts: 0 } }"),
    "m.yaml:4:45: error P009: stages.scan.with.object is a number that JSON does not have",
    "m.yaml:4:72: error P009: stages.scan.retry.attempts must be a whole number from 1 to 100"),
  BrokenFile(
    "durations",
    pipeline("  scan: { uses: media.scan, with: { object: x }, timeout: 30, retry: { backoff: { initial: 0s } } }"),
    "m.yaml:4:59: error P010: stages.scan.timeout must be a length of time of at most 365d; write a number and ms, s, "
      + "m, h or d, like 30s",
    "m.yaml:4:92: error P010: stages.scan.retry.backoff.initial must be a length of time of at most 365d; write a "
      + "number and ms, s, m, h or d, like 30s"),
  BrokenFile("no stages", pipeline("  {}"), "m.yaml:3:1: error P011: a pipeline needs at least one stage"),
  BrokenFile(
    "private characters", "pipeline: a\u{E100}",
    "m.yaml:1:12: error P028: the file holds a private-use character (U+E000 to U+E1FF)"),
  BrokenFile(
    "tags and keys", pipeline("  scan: { uses: !!str media.scan, with: { object: x }, [a]: b, <<: { a: b } }"),
    "m.yaml:4:17: error P028: a pipeline file has no tags like tag:yaml.org,2002:str",
    "m.yaml:4:56: error P028: a key must be a text",
    "m.yaml:4:64: error P028: an alias or a merge key '<<' cannot be a key here"),
]

private let meaning = [
  BrokenFile(
    "patterns",
    "pipeline: media\n"
      + "trigger: { event: A, match: { payload: { a: x, b: [{ prefux: y }], c: [], d: { suffix: z } } } }\nstages:\n"
      + scan,
    "m.yaml:2:45: error P012: trigger.match.payload.a must be a list of values and operators; write [x]",
    "m.yaml:2:54: error P012: there is no operator 'prefux' for trigger.match.payload.b; did you mean 'prefix'?",
    "m.yaml:2:71: error P012: trigger.match.payload.c is an empty list, which nothing matches",
    "m.yaml:2:80: error P012: trigger.match.payload.d has the operator 'suffix' outside a list; operators look at "
      + "single values; write [{ suffix: … }]"),
  BrokenFile(
    "reference syntax", pipeline("  scan: { uses: media.scan, with: { object: \"${event.payload.}\" } }"),
    "m.yaml:4:45: error P013: stages.scan.with.object holds '${' that begins no reference; write "
      + "${event.payload.key} or ${stage.field}, or $${ for the text itself"),
  BrokenFile(
    "references out of place",
    "pipeline: media\ntrigger: { event: A, match: { payload: { a: [\"${event.id}\"] } } }\nstages:\n"
      + "  scan: { uses: media.scan, with: { object: { \"${event.id}\": x } } }",
    "m.yaml:2:46: error P012: trigger.match.payload.a holds a reference; a pattern holds values only",
    "m.yaml:4:45: error P025: option object: must be a text, not object",
    "m.yaml:4:47: error P013: stages.scan.with.object has a reference in a key; only values have any"),
  BrokenFile(
    "unknown roots",
    pipeline(
      scan + "\n  b: { uses: media.scan, needs: [scan], when: { scam: { a: [b] } }, with: { object: \"${evnt.a}\" } }"),
    "m.yaml:5:49: error P014: 'scam' in when is neither 'event' nor a stage; did you mean 'scan'?",
    "m.yaml:5:85: error P014: 'evnt' in ${evnt.a} is neither 'event' nor a stage; did you mean 'event'?"),
  BrokenFile(
    "not needed",
    pipeline(
      scan + "\n  b: { uses: media.scan, when: { scan: { verdict: [b] } }, with: { object: \"${scan.verdict}\" } }"),
    "m.yaml:5:34: error P015: 'when' of 'b' looks at 'scan', which it does not need; add 'scan' to its needs",
    "m.yaml:5:76: error P015: ${scan.verdict} is used, but 'b' does not need 'scan'; add 'scan' to its needs"),
  BrokenFile(
    "outputs",
    pipeline(
      scan
        + "\n  b: { uses: media.scan, needs: [scan], when: { scan: { verdic: [b] } }, "
        + "with: { object: \"${scan.sig}\" } }"
    ),
    "m.yaml:5:57: error P016: worker media.scan of stage 'scan' returns no 'verdic'; did you mean 'verdict'?",
    "m.yaml:5:90: error P016: worker media.scan of stage 'scan' returns no 'sig'"),
  BrokenFile(
    "event fields",
    "pipeline: media\ntrigger: { event: A, match: { paylod: { a: [1] } } }\nstages:\n"
      + "  a: { uses: media.scan, with: { object: \"${event.resource.di}\" } }\n"
      + "  b: { uses: media.scan, with: { object: \"${event.actor}\" } }\n"
      + "  c: { uses: media.scan, with: { object: \"${event.type.a}\" } }\n",
    "m.yaml:2:31: error P017: an event has no field 'paylod'; did you mean 'payload'?",
    "m.yaml:4:42: error P017: 'event.resource' has no field 'di'; did you mean 'id'?",
    "m.yaml:5:42: error P017: an event has no field 'actor'",
    "m.yaml:6:42: error P017: ${event.type.a} looks into 'event.type', which has no fields"),
  BrokenFile(
    "needs",
    pipeline(scan + "\n  b:\n    uses: media.scan\n    needs: [scam, b, scan, scan]\n    with: { object: x }"),
    "m.yaml:7:13: error P018: there is no stage 'scam' for needs of 'b'; did you mean 'scan'?",
    "m.yaml:7:19: error P019: stage 'b' needs itself",
    "m.yaml:7:28: error P021: 'scan' stands twice in needs of 'b'"),
  BrokenFile(
    "cycle",
    pipeline(
      """
        a: { uses: media.scan, needs: [c], with: { object: x } }
        b: { uses: media.scan, needs: [a], with: { object: x } }
        c: { uses: media.scan, needs: [b], with: { object: x } }
        d: { uses: media.scan, needs: [c], with: { object: x } }
      """),
    "m.yaml:4:34: error P020: stages need each other in a circle: a needs c needs b needs a"),
  BrokenFile(
    "unknown worker", pipeline("  scan: { uses: media.scna, with: { anything: x } }"),
    "m.yaml:4:17: error P022: there is no worker 'media.scna'; did you mean 'media.scan'?"),
  BrokenFile(
    "options",
    pipeline(
      """
        a:
          uses: media.thumbnails
          with:
            objct: x
            widths: [128, wide]
            quality: 500
            format: "${event.payload.format}"
      """),
    "m.yaml:4:3: error P024: stage 'a' needs the option 'object' of media.thumbnails; add 'object' under 'with'",
    "m.yaml:7:7: error P023: worker media.thumbnails has no option 'objct'; did you mean 'object'?",
    "m.yaml:8:15: error P025: option widths[1]: must be a whole number, not string",
    "m.yaml:9:16: error P025: option quality: must be from 1 to 100"),
  BrokenFile(
    "emit",
    pipeline(
      scan,
      after: """
        emit:
          - { event: MediaUploaded, after: [scan] }
          - { event: B, after: [], payload: { a: "${scan.verdict}" } }
          - { event: C, after: [scam] }
          - { after: [scan] }
        """),
    "m.yaml:6:14: error P026: this pipeline emits the event that triggers it, without end; emit another type, or tell "
      + "the two apart with trigger.match",
    "m.yaml:7:24: error P009: emit[1].after must name at least one stage",
    "m.yaml:7:42: error P015: ${scan.verdict} is used, but 'after' does not lead to 'scan'; add 'scan' to 'after'",
    "m.yaml:8:25: error P018: there is no stage 'scam' for 'after'; did you mean 'scan'?",
    "m.yaml:9:5: error P007: emit[3] needs the key 'event'"),
]

@Suite("Pipelines: problems")
struct PipelinesProblemTests {
  @Test(
    "a broken file is refused with every problem, each at its place",
    arguments: structure + meaning + brokenPolicies + brokenFlow)
  func brokenFile(_ file: BrokenFile) throws {
    var registry = try Fixture.registry()
    try registry.register(FakeBound(), isIsolable: false)
    let error = #expect(throws: PipelineFileError.self) {
      try Pipeline.compile(file.text, file: "m.yaml", registry: registry)
    }
    #expect(error?.problems.map(\.description) == file.expected)
  }

  @Test("two files with one name name each other")
  func duplicatePipeline() throws {
    let (set, problems) = PipelineSet.load(
      files: [("b.yaml", "# second\n" + pipeline(scan)), ("a.yaml", pipeline(scan))], registry: try Fixture.registry())
    #expect(
      problems.map(\.description) == [
        "b.yaml:2:11: error P027: pipeline 'media' is defined in a.yaml already; give it a name of its own"
      ])
    #expect(set.pipelines.keys.map(\.rawValue) == ["media"])
  }

  @Test("every code is tried, and numbers are unique")
  func everyCode() {
    let tried = Set(
      (structure + meaning + brokenPolicies + brokenFlow).flatMap(\.expected).compactMap {
        $0.split(separator: " ").dropFirst(2).first
      })
    let codes = PipelineProblem.Code.allCases
    let missing = codes.filter { !tried.contains("\($0.number):") }
    // Two files are needed for one, and schemas for the others: they have tests of their own.
    #expect(missing == [.duplicatePipeline, .invalidSchema, .unknownPayloadField])
    #expect(Set(codes.map(\.number)).count == codes.count)
    #expect(PipelineProblem.Code.unknownKey.number == "P004" && PipelineProblem.Code.unknownKey.word == "unknown_key")
  }

  @Test("a YAML bomb is refused before it is written out, as a value and as a key", .timeLimit(.minutes(5)))
  func bomb() throws {
    var lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for level in 1...30 {
      let uses = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      lines.append("a\(level): &a\(level) [\(uses)]")
    }
    for text in [lines.joined(separator: "\n"), lines.joined(separator: "\n") + "\n? *a30\n: x\n? *a30\n: x\n"] {
      let error = #expect(throws: PipelineFileError.self) { try Pipeline.compile(text, file: "m.yaml") }
      #expect(
        error?.problems.first?.description.contains(
          "m.yaml:5:10: error P003: the file has more than 10000 values, aliases written out") == true)
    }
  }

  @Test("more repeated keys than are told apart are still refused")
  func manyRepeatedKeys() throws {
    let error = #expect(throws: PipelineFileError.self) {
      try Pipeline.compile(String(repeating: "key: 1\n", count: 1000), file: "m.yaml")
    }
    #expect(error?.problems.map(\.description) == ["m.yaml:33:1: error P005: key 'key' is repeated"])
  }

  @Test("a file that is wrong throughout is told of every mistake, and of what was meant while that costs little")
  func manyMistakes() throws {
    let stages = (1000..<1600).map { "  s\($0): { uses: a.b, needs: [s\($0)0] }" }
    let error = #expect(throws: PipelineFileError.self) {
      try Pipeline.compile(pipeline(stages.joined(separator: "\n")), file: "m.yaml")
    }
    let problems = error?.problems ?? []
    #expect(problems.count { $0.code == .unknownStage } == 600)
    let meant = problems.count { $0.hint != nil }
    #expect(meant > 5 && meant < 20)
  }

  @Test("a long chain of stages that refer to each other is checked")
  func longChain() throws {
    let stages = (1..<1500).map { "  s\($0): { uses: a.b, needs: [s\($0 - 1)], with: { v: '${s\($0 - 1).x}' } }" }
    let text = pipeline("  s0: { uses: a.b }\n" + stages.joined(separator: "\n"))
    #expect(try Pipeline.compile(text, file: "m.yaml").ordered.last?.name == "s1499")
  }

  @Test("a problem is one line of bounded length, whatever the file holds")
  func oneLine() throws {
    let text = pipeline(scan) + "\"a\\nb\\u2028\(String(repeating: "x", count: 900))\": 1\n"
    let error = #expect(throws: PipelineFileError.self) { try Pipeline.compile(text, file: "m.yaml") }
    let line = try #require(error?.description)
    #expect(line.hasPrefix("m.yaml:5:1: error P004: unknown key 'a b xxx") && line.count < 560)
    #expect(!line.contains { $0.isNewline })
  }

  @Test("places are right in files with carriage returns and wide characters")
  func places() throws {
    let text = "pipeline: media\r\ndescription: 😀é\r\ntrigger: { event: A, 😀: 1, after: 2 }\r\n"
    let error = #expect(throws: PipelineFileError.self) { try Pipeline.compile(text, file: "m.yaml") }
    let unknown = error?.problems.filter { $0.code == .unknownKey }.map { [$0.line, $0.column] }
    #expect(unknown == [[3, 22], [3, 28]])
    let keys = "{ 😀é: 1, pipeline: p,\r\n é: 3, pipeline: q }"
    let repeated = #expect(throws: PipelineFileError.self) { try Pipeline.compile(keys, file: "m.yaml") }
    #expect(repeated?.problems.filter { $0.code == .repeatedKey }.map { [$0.line, $0.column] } == [[2, 8]])
  }

  @Test("deep nesting is refused", arguments: [33, 500, 2000, 100_000])
  func depth(_ levels: Int) throws {
    let text = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    let error = #expect(throws: PipelineFileError.self) { try Pipeline.compile(text, file: "m.yaml") }
    #expect(error?.problems.count == 1)
  }
}
