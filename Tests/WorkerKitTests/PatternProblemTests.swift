import Testing
import WorkerKit

@Suite("Patterns: problems")
struct PatternProblemTests {
  @Test(
    "every mistake has its place and says what to write",
    arguments: [
      ("a: [{ prefx: x }]", "1:7: error P012: there is no operator 'prefx' for pattern.a; did you mean 'prefix'?"),
      ("a: [{ prefix: 1 }]", "1:15: error P006: pattern.a.prefix must be a text, not a number"),
      (
        "a: [{ prefix: { suffix: x } }]",
        "1:17: error P012: pattern.a.prefix cannot hold 'suffix'"
      ),
      (
        "a: [{ suffix: { equals-ignore-case: [] } }]",
        "1:37: error P006: pattern.a.suffix.equals-ignore-case must be a text, not a list"
      ),
      (
        "a: [{ prefix: x, suffix: y }]",
        "1:5: error P012: pattern.a has a mapping of 2 keys where one operator belongs; give each a mapping of its "
          + "own: [{ … }, { … }]"
      ),
      ("a: [{}]", "1:5: error P012: pattern.a has a mapping of 0 keys where one operator belongs"),
      ("a: [[1]]", "1:5: error P012: pattern.a holds a list in a list; write its values side by side"),
      (
        "a: { exists: true }",
        "1:6: error P012: pattern.a has the operator 'exists' outside a list; operators look at single values; write "
          + "[{ exists: … }]"
      ),
      (
        "a: { numeric: [\">\", 5] }",
        "1:6: error P012: pattern.a has the operator 'numeric' outside a list; operators look at single values; write "
          + "[{ numeric: … }]"
      ),
      (
        "a: [{ exists: 1 }]",
        "1:15: error P012: pattern.a.exists must be true or false, not a number; exists looks at single values only, "
          + "not at objects"
      ),
      (
        "a: [{ wildcard: \"a**\" }]", "1:17: error P012: pattern.a.wildcard has two '*' side by side; one says the same"
      ),
      (
        "a: [{ wildcard: 'a\\b' }]",
        "1:17: error P012: pattern.a.wildcard has a backslash before neither '*' nor a backslash; write \\\\ for a "
          + "backslash"
      ),
      (
        "a: [{ cidr: 10.0.0.1 }]",
        "1:13: error P012: pattern.a.cidr is no block of IP addresses; write 10.0.0.0/8 or 2001:db8::/32"
      ),
      (
        "a: [{ cidr: 10.0.0.0/33 }]",
        "1:13: error P012: pattern.a.cidr is no block of IP addresses; write 10.0.0.0/8 or 2001:db8::/32"
      ),
      (
        "a: [{ numeric: 5 }]",
        "1:16: error P012: pattern.a.numeric must be a list of one or two operators, each with a number; \(numeric)"
      ),
      ("a: [{ numeric: [\"!\", 5] }]", "1:17: error P012: pattern.a.numeric needs an operator here; \(numeric)"),
      ("a: [{ numeric: [\">\", x] }]", "1:22: error P012: pattern.a.numeric needs a number here; \(numeric)"),
      (
        "a: [{ numeric: [\">\", 5, \"<\", 5] }]",
        "1:16: error P012: pattern.a.numeric is a range that no number is in; \(numeric)"
      ),
      (
        "a: [{ numeric: [\">\", 5, \">=\", 7] }]",
        "1:16: error P012: pattern.a.numeric bounds the same side twice; \(numeric)"
      ),
      (
        "a: [{ anything-but: [] }]",
        "1:21: error P012: pattern.a.anything-but is an empty list, which excludes nothing"
      ),
      (
        "a: [{ anything-but: { sufix: x } }]",
        "1:23: error P012: anything-but cannot hold 'sufix'; did you mean 'suffix'?"
      ),
      (
        "a: [{ anything-but: { suffix: [1] } }]",
        "1:32: error P006: pattern.a.anything-but.suffix must be a text, not a number"
      ),
      (
        "$or: { a: [1] }",
        "1:6: error P012: pattern.$or must be a list of patterns; write $or: [{ a: [1] }, { b: [2] }]"
      ),
      ("$or: [{ a: [1] }, 5]", "1:19: error P012: pattern.$or[1] must be a mapping, not a number"),
      ("$or: [{ a: x }]", "1:12: error P012: pattern.$or[0].a must be a list of values and operators; write [x]"),
      ("a: {}", "1:4: error P012: pattern.a is an empty mapping, which asks for nothing"),
      ("[1]", "1:1: error P012: pattern must be a mapping, not a list"),
      ("a: [.inf]", "1:5: error P012: pattern.a holds a number that JSON does not have"),
    ])
  func problem(_ text: String, _ expected: String) {
    let error = #expect(throws: PipelineFileError.self) { try Pattern.read(text, file: "p") }
    #expect(error?.problems.map(\.description) == ["p:" + expected])
  }

  private static let numeric = "write [\">\", 0, \"<=\", 5], with = alone or < <= > >="

  @Test("a thousand alternatives are read, more are refused before they are made")
  func alternatives() throws {
    let ten = (0..<10).map { "{ a\($0): [1] }" }.joined(separator: ", ")
    let levels = { (count: Int) -> String in
      (0..<count).reversed().reduce("z: [1]") { "p\($1): { $or: [\(ten)] }\n" + $0 }
    }
    #expect(try Pattern.read(levels(3), file: "p").matches(["z": 1]) == false)
    let nested: JSON = ["z": 1, "p0": ["a3": 1], "p1": ["a0": 1], "p2": ["a9": 1]]
    #expect(try Pattern.read(levels(3), file: "p").matches(nested))
    let error = #expect(throws: PipelineFileError.self) { try Pattern.read(levels(30), file: "p") }
    #expect(error?.problems.first?.message.hasPrefix("pattern stands for more than 1000 alternatives") == true)
  }

  @Test("fields of the event are checked within $or too")
  func fields() {
    let text = """
      pipeline: p
      trigger: { event: A, match: { $or: [{ payload: { a: [1] } }, { paylod: { a: [1] } }] } }
      stages: { s: { uses: a.b } }
      """
    let error = #expect(throws: PipelineFileError.self) { try Pipeline.compile(text, file: "m.yaml") }
    #expect(
      error?.problems.map(\.description) == [
        "m.yaml:2:64: error P017: an event has no field 'paylod'; did you mean 'payload'?"
      ])
  }
}
