import Foundation
import Testing
import WorkerKit

@Suite("pipelines explain", .timeLimit(.minutes(5)))
struct ExplainTests {
  let folder: URL

  init() throws { folder = try RunningServer.newFolder() }

  private func write(_ text: String, to name: String) throws -> String {
    let file = folder.appending(path: name)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  private func explain(_ pattern: String, _ event: String, json: Bool = false) async throws -> Command.Result {
    let arguments = [
      "pipelines", "explain", "--pattern", try write(pattern, to: "pattern.yaml"),
      "--event", try write(event, to: "event.json"),
    ]
    return try await Command.run(arguments + (json ? ["--json"] : []))
  }

  @Test func aMatchEndsWithZero() async throws {
    let result = try await explain(#"{ "payload": { "size": [{ "numeric": [">", 5] }] } }"#, #"{"payload":{"size":6}}"#)
    #expect(result.status == 0 && result.output == "match\n" && result.errors.isEmpty)
  }

  @Test func theLeafThatFailsIsNamed() async throws {
    let result = try await explain("payload: { size: [{ numeric: [\">\", 5] }] }", #"{"payload":{"size":"6"}}"#)
    #expect(result.status == 1)
    #expect(result.output == "no match: payload.size is string, and numeric compares numbers; found \"6\"\n")
    #expect(result.errors.isEmpty)
  }

  @Test func alternativesAreNamedOneByOne() async throws {
    let result = try await explain("$or: [{ a: [1] }, { b: [{ prefix: x }] }]", #"{"a":2}"#)
    #expect(result.status == 1)
    #expect(result.output == "no match: no alternative of $or matches\n  a is not 1; found 2\n  b is absent\n")
  }

  @Test func programsReadTheAnswerAsJSON() async throws {
    let result = try await explain("a: [{ cidr: 10.0.0.0/8 }]", #"{"a":"11.0.0.1"}"#, json: true)
    #expect(result.status == 1)
    let answer = try JSONReader.parse(result.output)
    #expect(answer["match"] == false)
    #expect(answer["mismatch"]?["path"] == ["a"] && answer["mismatch"]?["found"] == "11.0.0.1")
    #expect(answer["mismatch"]?["cause"] == "unequal")
    #expect(answer["mismatch"]?["expected"] == ["an address in 10.0.0.0/8"])
    let match = try await explain("a: [1]", #"{"a":1.0}"#, json: true)
    #expect(match.status == 0)
    #expect(try JSONReader.parse(match.output) == ["match": true])
  }

  @Test func aBadPatternHasAPlace() async throws {
    let result = try await explain("a:\n  - { prefux: x }", "{}")
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(result.errors.contains("pattern.yaml:2:7: error P012: there is no operator 'prefux'"))
  }

  @Test func anEventThatIsNotJSONFails() async throws {
    let result = try await explain("a: [1]", "{")
    #expect(result.status == 1 && result.output.isEmpty && result.errors.contains("event.json:1:2: "))
  }

  @Test func everyPipelineOfAFolderIsTold() async throws {
    let pipelines = folder.appending(path: "pipelines")
    try FileManager.default.createDirectory(at: pipelines, withIntermediateDirectories: true)
    for (name, trigger) in [
      ("alpha", "{ event: DocumentSaved, match: { tenant_id: [acme] } }"), ("beta", "{ event: MediaUploaded }"),
      ("gamma", "{ event: DocumentSaved, match: { resource: { kind: [{ anything-but: document }] } } }"),
    ] {
      let text = CheckTests.good.replacing("documents", with: name).replacing("{ event: DocumentSaved }", with: trigger)
      _ = try write(text, to: "pipelines/\(name).yaml")
    }
    let event = #"{"type":"DocumentSaved","tenant_id":"acme","resource":{"kind":"document"}}"#
    let arguments = ["pipelines", "explain", "--pipelines", pipelines.path, "--event", "-"]
    let result = try await Command.run(arguments, input: event)
    #expect(result.status == 0)
    #expect(
      result.output == """
        alpha: match
        beta: no match: type is not "MediaUploaded"; found "DocumentSaved"
        gamma: no match: resource.kind is excluded by anything-but: "document"; found "document"

        """)
    let none = try await Command.run(arguments + ["--json"], input: #"{"type":"Other"}"#)
    #expect(none.status == 1)
    let answer = try JSONReader.parse(none.output)
    #expect(answer["match"] == false && answer["pipelines"]?[1]?["pipeline"] == "beta")
  }
}
