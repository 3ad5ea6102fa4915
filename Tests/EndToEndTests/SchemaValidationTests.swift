import Foundation
import Testing

/// The schema of pipeline files, in the hands of an implementation of JSON Schema.
@Suite(
  "The schema validates", .timeLimit(.minutes(1)),
  .enabled(if: PythonSchema.isInstalled, "needs python3 with the packages jsonschema and PyYAML"))
struct SchemaValidationTests {
  @Test func theSchemaIsOne() throws { #expect(try PythonSchema.problems(of: "") == "") }

  @Test(arguments: ["autosave.yaml", "media.yaml"]) func shippedPipelinesAreValid(name: String) throws {
    let text = try String(contentsOf: GeneratedFileTests.pipelines.appending(path: name), encoding: .utf8)
    #expect(try PythonSchema.problems(of: text) == "")
  }

  private static let good = """
    pipeline: p
    trigger:
      event: T
      match:
        $or: [{ type: [{ prefix: a }, null, 1] }, { payload: { a: [{ suffix: { equals-ignore-case: b } }] } }]
        payload: { n: [{ numeric: [">", 0] }, { anything-but: [1] }], e: [{ exists: true }], w: [{ wildcard: "*" }] }
    stages:
      first:
        uses: media.thumbnails
        with: { object: "${event.payload.key}", widths: [128, "${event.payload.width}"], quality: null }
        retry: { attempts: 3, backoff: { initial: 1s, max: 5m } }
      second:
        uses: http.call
        needs: [first]
        when: { first: { source: { format: [png] } } }
        timeout: 30s
        queue: calls
        with: { url: "https://a.example/", headers: { A: b }, expect: "${event.payload.statuses}", body: [1] }
    emit:
      - { event: Done, after: [second], payload: { x: "${second.body}" } }
    """

  @Test func everyKeyIsValid() throws { #expect(try PythonSchema.problems(of: Self.good) == "") }

  @Test(arguments: [
    ("pipeline: p", "pipline: p"), ("pipeline: p", "pipeline: P"), ("event: T\n", "event: 1x\n"),
    ("{ prefix: a }", "{ prefx: a }"), ("exists: true", "exists: yes please"), ("$or: [", "$or: 1 #"),
    ("[{ exists: true }]", "[]"), ("[{ exists: true }]", "b"),
    ("queue: calls", "qeue: calls"), ("timeout: 30s", "timeout: 30"), ("uses: http.call", "uses: http.cal"),
    ("object: \"${event.payload.key}\", ", ""), ("widths: [128,", "widths: [wide,"), ("quality: null", "qualty: 80"),
    ("attempts: 3", "attempts: 0"), ("after: [second]", "after: second"), ("after: [second]", "after: []"),
    ("headers: { A: b }", "headers: { A: 1 }"), ("with: { url: \"https://a.example/\",", "with: {"),
    ("  first:\n", "  event:\n"), ("max: 5m", "maximum: 5m"),
  ])
  func mistakesAreFound(right: String, wrong: String) throws {
    let text = Self.good.replacing(right, with: wrong)
    try #require(text != Self.good)
    #expect(try PythonSchema.problems(of: text) != "")
  }
}

/// Runs the Python package jsonschema.
enum PythonSchema {
  static let isInstalled = (try? run(["-c", "import jsonschema, yaml"], input: "").status) == 0

  /// What is wrong with a pipeline file; nothing of an empty text but whether the schema is one.
  static func problems(of text: String) throws -> String {
    let schema = GeneratedFileTests.pipelines.appending(path: "pipeline.schema.json").path
    let result = try run(["-c", script, schema], input: text)
    try #require(result.status == 0)
    return result.output
  }

  private static func run(_ arguments: [String], input: String) throws -> (status: Int32, output: String) {
    let (process, inPipe, output) = (Process(), Pipe(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3"] + arguments
    process.standardInput = inPipe
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    try inPipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try inPipe.fileHandleForWriting.close()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
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
