import Foundation
import Testing
import WorkerKitTesting

@testable import WorkerKit

/// Random schemas and expressions, in our hands and in those of Python.
@Suite(
  "JSON Schema: beside Python's jsonschema", .timeLimit(.minutes(5)),
  .enabled("needs python3 with the package jsonschema") { await PythonPeer.has("jsonschema") })
struct SchemaPeerTests {
  @Test("random values are valid for both or for neither")
  func schemas() async throws {
    var random = SeededGenerator.announced("schemas beside Python")
    var cases: [(schema: JSON, values: [JSON])] = []
    while cases.count < 2_000 {
      let schema = JSON.randomSchema(depth: 3, using: &random)
      cases.append((schema, (0..<12).map { _ in JSON.randomInstance(depth: 3, using: &random) }))
    }
    let asked = cases.map { JSON.object(["schema": $0.schema, "values": .array($0.values)]) }
    let answers = try await PythonPeer.ask(Self.schemas, .array(asked))
    var valid = 0
    for (index, (schema, values)) in cases.enumerated() {
      let read = try JSONSchema.read(schema)
      for (place, value) in values.enumerated() {
        let isValid = read.violations(of: value).isEmpty
        #expect(
          JSON.bool(isValid) == answers[index]?[place], "\(schema.text()) \(value.text())")
        valid += isValid ? 1 : 0
      }
    }
    #expect(valid > 3_000 && valid < 21_000, "\(valid) of 24000 are valid")
  }

  @Test("random expressions match for both or for neither")
  func expressions() async throws {
    var random = SeededGenerator.announced("expressions beside Python")
    var cases: [(String, [String])] = []
    for _ in 0..<3_000 {
      let texts = (0..<10).map { _ in String.randomLetters(using: &random) }
      cases.append((String.randomExpression(depth: 2, using: &random), texts))
    }
    let asked = cases.map { JSON.array([.string($0.0), .array($0.1.map { .string($0) })]) }
    let answers = try await PythonPeer.ask(Self.expressions, .array(asked))
    var (matched, unanswered) = (0, 0)
    for (index, (expression, texts)) in cases.enumerated() {
      let read = try RegularExpression(expression)
      for (place, text) in texts.enumerated() {
        var work = 1_000_000
        let answer = read.matches(text, work: &work)
        let matches = try #require(answer as Bool?)
        matched += matches ? 1 : 0
        if answers[index]?[place] == .null {
          unanswered += 1
        } else {
          #expect(JSON.bool(matches) == answers[index]?[place], "\(expression) \(text)")
        }
      }
    }
    #expect(matched > 3_000 && matched < 29_000, "\(matched) of 30000 match")
    #expect(unanswered < 3_000, "Python answered too few of 30000 to tell anything: \(30_000 - unanswered)")
  }

  private static let schemas = """
    import json, sys, jsonschema
    print(json.dumps([
      [jsonschema.Draft202012Validator(case["schema"]).is_valid(value) for value in case["values"]]
      for case in json.load(sys.stdin)]))
    """
  /// Python tries all ways in turn, which for some expressions takes for ever: it answers null for such a one and for
  /// the rest of its texts.
  private static let expressions = """
    import json, re, signal, sys

    class TooSlow(Exception): pass
    def give_up(number, frame): raise TooSlow
    signal.signal(signal.SIGVTALRM, give_up)

    def answers(expression, texts):
      found = []
      try:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.1)
        for text in texts: found.append(bool(re.search(expression, text, re.A)))
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
      except TooSlow: pass
      return (found + [None] * len(texts))[:len(texts)]

    print(json.dumps([answers(case[0], case[1]) for case in json.load(sys.stdin)]))
    """
}
