import Testing
import WorkerKit

@Suite("Patterns: reasons")
struct PatternReasonTests {
  @Test(
    "the leaf that fails says why, for each operator, without the value",
    arguments: [
      ("a: [1]", #"{"a":2}"#, "a is not 1"),
      ("a: [1, x]", #"{"a":2}"#, #"a is none of 1, "x""#),
      ("a: [null]", "{}", "a is absent"),
      ("a: [{ prefix: x }]", #"{"a":"y"}"#, #"a is not a text that begins with "x""#),
      (
        "a: [{ prefix: { equals-ignore-case: x } }]", #"{"a":"y"}"#,
        #"a is not a text that begins with "x" in any case"#
      ),
      ("a: [{ suffix: x }, { wildcard: y* }]", #"{"a":5}"#, "a is number, and suffix or wildcard compares strings"),
      ("a: [{ suffix: { equals-ignore-case: x } }]", #"{"a":"y"}"#, #"a is not a text that ends with "x" in any case"#),
      ("a: [{ equals-ignore-case: x }]", #"{"a":"y"}"#, #"a is not "x" in any case"#),
      ("a: [{ wildcard: x*z }]", #"{"a":"xy"}"#, #"a is not a text like "x*z""#),
      (
        "a: [{ anything-but: [x, { suffix: y }] }]", #"{"a":"xy"}"#,
        #"a is excluded by anything-but: "x", a text that ends with "y""#
      ),
      ("a: [{ numeric: [\">\", 0, \"<=\", 5] }]", #"{"a":0}"#, "a is not a number > 0 and <= 5"),
      ("a: [{ numeric: [\"=\", 5] }]", #"{"a":"5"}"#, "a is string, and numeric compares numbers"),
      ("a: [{ cidr: 10.1.2.3/8 }]", #"{"a":"11.0.0.1"}"#, "a is not an address in 10.0.0.0/8"),
      ("a: [{ exists: true }]", #"{"a":{"b":1}}"#, "a is an object, and a leaf looks at single values"),
      ("a: [{ exists: true }]", #"{"a":[]}"#, "a is an empty list, which holds no value"),
      ("a: [{ exists: false }]", #"{"a":null}"#, "a is there, and exists: false asks for its absence"),
      ("a: { b: [1] }", #"{"a":5}"#, "a is number, not object"),
      ("a: { b: [1] }", "{}", "a.b is absent"),
      ("a: { b: [1], c: [1] }", #"{"a":[{"b":1},{"c":1}]}"#, "no one element of a matches all that is asked of it"),
      (
        "a: { b: { c: [1], d: [1] } }", #"{"a":{"b":[{"c":1},{"d":1}]}}"#,
        "no one element of a.b matches all that is asked of it"
      ),
      (
        "a: { b: [1], c: [{ exists: false }] }", #"{"a":[{"b":1,"c":1},{}]}"#,
        "a.c is there, and exists: false asks for its absence"
      ),
      ("z: [1], $or: [{ a: [1] }, { b: [1] }]", #"{"a":1}"#, "z is absent"),
      (
        "z: [1], $or: [{ a: [1] }, { b: [{ prefix: x }] }]", #"{"z":1,"b":"y"}"#,
        #"no alternative of $or matches: a is absent; b is not a text that begins with "x""#
      ),
    ])
  func reason(_ pattern: String, _ event: String, _ expected: String) throws {
    let mismatch = try Pattern.read("{ \(pattern) }", file: "p").mismatch(try JSONReader.parse(event))
    #expect(mismatch?.reason == expected)
  }

  @Test("a mismatch has the path, what was asked for and what was found")
  func parts() throws {
    let pattern = try Pattern.read("a: { b: [1, { numeric: [\"<\", 0] }] }", file: "p")
    let mismatch = try #require(pattern.mismatch(["a": [["b": 3], ["b": [4, 5]]]], at: ["scan"]))
    #expect(mismatch.path == ["scan", "a", "b"] && mismatch.cause == .unequal && mismatch.expected == [1])
    #expect(mismatch.tests.count == 2 && mismatch.found == [3, [4, 5]])
  }

  @Test("the operators work in when, and its reason is the run's")
  func when() throws {
    let text = """
      pipeline: p
      trigger: { event: DocumentSaved }
      stages:
        large: { uses: a.b, when: { event: { payload: { size: [{ numeric: [">", 10] }] } } } }
      """
    let pipeline = try Pipeline.compile(text, file: "p.yaml")
    let planner = Planner(queues: [:], newID: { "id" }, now: { Timestamp(milliseconds: 0) })
    let plans = try [11, 10].map { size in
      try planner.route(
        Fixture.event(type: "DocumentSaved", payload: ["size": .integer(size)]), pipelines: PipelineSet([pipeline])
      ).first?.plan
    }
    #expect(plans[0]?.jobs.map(\.stage) == ["large"] && plans[0]?.idle.isEmpty == true)
    #expect(plans[1]?.jobs.isEmpty == true)
    #expect(plans[1]?.idle["large"]?.reason == "event.payload.size is not a number > 10")
  }

  @Test(
    "numbers are compared exactly, addresses in all their forms",
    arguments: [
      ("[9007199254740993]", "9007199254740993", true), ("[9007199254740993]", "9007199254740992.0", false),
      ("[{ numeric: [\">\", 9007199254740992] }]", "9007199254740993", true),
      ("[{ numeric: [\"<\", 9223372036854775808] }]", "9223372036854775807", true),
      ("[{ numeric: [\">\", -1e300] }]", "-9223372036854775808", true),
      ("[{ numeric: [\"<=\", 5e0] }]", "5", true), ("[-0.0]", "0", true), ("[{ anything-but: 5 }]", "5.0", false),
      ("[{ cidr: 0.0.0.0/0 }]", #""1.2.3.4""#, true), ("[{ cidr: 0.0.0.0/0 }]", #""::1""#, false),
      ("[{ cidr: 0.0.0.0/0 }]", #""01.2.3.4""#, false), ("[{ cidr: 0.0.0.0/0 }]", #""1.2.3""#, false),
      ("[{ cidr: \"::/0\" }]", #""::""#, true), ("[{ cidr: \"::/0\" }]", #""1::2::3""#, false),
      ("[{ cidr: \"::ffff:10.0.0.0/104\" }]", #""::FFFF:10.9.9.9""#, true),
      ("[{ cidr: \"1:2:3:4:5:6:7:8/128\" }]", #""1:2:3:4:5:6:7:8""#, true),
      ("[{ cidr: \"::/0\" }]", #""1:2:3:4:5:6:7:8:9""#, false), ("[{ cidr: \"::/0\" }]", #""1:2:3:4:5:6:7::8""#, false),
      ("[{ equals-ignore-case: STRASSE }]", #""Strasse""#, true), ("[{ equals-ignore-case: É }]", #""é""#, true),
      ("[{ wildcard: a*a }]", #""a""#, false), ("[{ wildcard: \"*\" }]", #""""#, true),
      ("[{ wildcard: \"*ab*bc*\" }]", #""abc""#, false), ("[{ wildcard: \"*ab*bc*\" }]", #""abbc""#, true),
    ])
  func edges(_ leaf: String, _ value: String, _ expected: Bool) throws {
    let pattern = try Pattern.read("a: \(leaf)", file: "p")
    #expect(pattern.matches(["a": try JSONReader.parse(value)]) == expected)
    let pipeline =
      "pipeline: p\ntrigger: { event: A, match: { payload: { a: \(leaf) } } }\nstages: { s: { uses: a.b } }"
    let set = PipelineSet([try Pipeline.compile(pipeline, file: "p.yaml")])
    #expect(set.matching(["type": "A", "payload": ["a": try JSONReader.parse(value)]]).count == (expected ? 1 : 0))
  }
}
