import Foundation
import TestProcesses
import Testing

/// The schema of pipeline files, in the hands of an implementation of JSON Schema.
@Suite(
  "The schema validates", .timeLimit(.minutes(5)),
  .enabled("needs python3 with the packages jsonschema and PyYAML") { await PythonSchema.isInstalled })
struct SchemaValidationTests {
  @Test func theSchemaIsOne() async throws { #expect(try await PythonSchema.problems(of: "") == "") }

  @Test(arguments: ["autosave.yaml", "media.yaml"]) func shippedPipelinesAreValid(name: String) async throws {
    let text = try String(contentsOf: GeneratedFileTests.pipelines.appending(path: name), encoding: .utf8)
    #expect(try await PythonSchema.problems(of: text) == "")
  }

  @Test func examplesOfThePageAreValid() async throws {
    let page = try String(
      contentsOf: GeneratedFileTests.pipelines.appending(path: "../docs/pipelines.md"), encoding: .utf8)
    let examples = page.split(separator: "```yaml\n").dropFirst().compactMap { $0.split(separator: "```").first }
    #expect(examples.count >= 18)
    // No worker of this program takes batches: that example names one that does.
    for example in examples where !example.contains("batch:") {
      let head = example.hasPrefix("pipeline:") ? "" : "pipeline: p\ntrigger: { event: A }\n"
      #expect(try await PythonSchema.problems(of: head + example) == "", "\(example)")
    }
  }

  private static let good = """
    pipeline: p
    trigger:
      event: T
      match:
        $or: [{ type: [{ prefix: a }, null, 1] }, { payload: { a: [{ suffix: { equals-ignore-case: b } }] } }]
        payload: { n: [{ numeric: [">", 0] }, { anything-but: [1] }], e: [{ exists: true }], w: [{ wildcard: "*" }] }
    fair_by: { key: "${event.actor_id}", weight: "${event.context.plan}", weights: { free: 1, pro: 4 } }
    defaults:
      priority: low
      limit: { rate: 20/s }
      lease: 20s
      serial_by: "${event.id}"
      isolation: { process: true, memory: 1GiB, cpu: 60s, files: 64, file_size: 1GiB }
    stages:
      first:
        serial_by: null
        limit: null
        fair_by: "${width}"
        each: { in: "${event.payload.list:-[]}", as: width, parallel: 4 }
        execution_key: ["${width}", v1]
        on_failure: { event: Failed, payload: { why: "${failure.code}" } }
        uses: media.thumbnails
        with: { object: "${event.payload.key}", widths: [128, "${event.payload.width}"], quality: null }
        retry: { attempts: 3, backoff: { initial: 1s, max: 5m } }
      second:
        uses: http.call
        needs: [first]
        join: { first: [succeeded, failed] }
        serial_by: { key: a, on_dead: block }
        coalesce: { key: "${event.id}", quiet: 1s, max_wait: 1m, newest_by: "${event.version}" }
        batch: { size: 10, wait: 0ms }
        fair_by: { weight: 3 }
        limit: [{ key: a, rate: 1/10s, burst: 5 }, { concurrency: 4 }]
        when: { first: { source: { format: [png] } } }
        timeout: 30s
        queue: calls
        with: { url: "https://a.example/", headers: { A: b }, expect: "${event.payload.statuses}", body: [1] }
    emit:
      - { event: Done, after: [second], payload: { x: "${second.body}" } }
    """

  @Test func everyKeyIsValid() async throws { #expect(try await PythonSchema.problems(of: Self.good) == "") }

  @Test(arguments: [
    ("pipeline: p", "pipline: p"), ("pipeline: p", "pipeline: P"), ("event: T\n", "event: 1x\n"),
    ("{ prefix: a }", "{ prefx: a }"), ("exists: true", "exists: yes please"), ("$or: [", "$or: 1 #"),
    ("[{ exists: true }]", "[]"), ("[{ exists: true }]", "b"),
    ("queue: calls", "qeue: calls"), ("timeout: 30s", "timeout: 30"), ("uses: http.call", "uses: http.cal"),
    ("object: \"${event.payload.key}\", ", ""), ("widths: [128,", "widths: [wide,"), ("quality: null", "qualty: 80"),
    ("attempts: 3", "attempts: 0"), ("after: [second]", "after: second"), ("after: [second]", "after: []"),
    ("headers: { A: b }", "headers: { A: 1 }"), ("with: { url: \"https://a.example/\",", "with: {"),
    ("  first:\n", "  event:\n"), ("max: 5m", "maximum: 5m"), ("  first:\n", "  failure:\n"),
    ("[succeeded, failed]", "[succeeded, broken]"), ("[succeeded, failed]", "[]"), ("on_dead: block", "on_dead: stop"),
    ("quiet: 1s, ", ""), ("size: 10", "size: 0"), ("priority: low", "priority: lower"), ("1GiB, cpu", "1GB, cpu"),
    ("process: true, ", ""), ("as: width", "as: event"), ("parallel: 4", "parallel: 1001"),
    ("in: \"${event.payload.list:-[]}\"", "in: [1]"), ("[\"${width}\", v1]", "[]"), ("event: Failed, ", ""),
    ("rate: 20/s", "rate: 20"), ("rate: 20/s", "burst: 20"), ("rate: 20/s", "key: a"), ("1/10s,", "1/10sec,"),
    ("burst: 5", "bursts: 5"), ("{ concurrency: 4 }", "{ concurrency: 0 }"), ("{ concurrency: 4 }", "4"),
    ("{ weight: 3 }", "{ weight: 0 }"), ("{ weight: 3 }", "{ weight: heavy }"), ("{ weight: 3 }", "{}"),
    ("{ weight: 3 }", "{ key: a, weights: { a: 1 } }"), ("pro: 4", "pro: 1001"), ("{ free: 1, pro: 4 }", "{}"),
    ("  event: T\n", "  event: T\n  cron: 0 3 * * *\n"), ("  event: T\n", "  event: T\n  time_zone: UTC\n"),
  ])
  func mistakesAreFound(right: String, wrong: String) async throws {
    let text = Self.good.replacing(right, with: wrong)
    try #require(text != Self.good)
    #expect(try await PythonSchema.problems(of: text) != "")
  }
}

/// Runs the Python package jsonschema.
enum PythonSchema {
  static var isInstalled: Bool { get async { await Program.python("import jsonschema, yaml").succeeds } }

  /// What is wrong with a pipeline file; nothing of an empty text but whether the schema is one.
  static func problems(of text: String) async throws -> String {
    let schema = GeneratedFileTests.pipelines.appending(path: "pipeline.schema.json").path
    let result = try await Program.python(script, [schema]).run(input: Data(text.utf8))
    try #require(result.status == 0, "\(result.errors)")
    return result.output
  }

  private static let script = #"""
    import json, jsonschema, sys, yaml
    schema = json.load(open(sys.argv[1]))
    jsonschema.Draft202012Validator.check_schema(schema)
    text = sys.stdin.read()
    if text:
        for problem in jsonschema.Draft202012Validator(schema).iter_errors(yaml.safe_load(text)):
            print(problem.json_path, problem.message)
    """#
}
