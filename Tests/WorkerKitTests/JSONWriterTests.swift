import Testing
import WorkerKit
import WorkerKitTesting

@Suite("JSON writer")
struct JSONWriterTests {
  @Test(
    arguments: [
      (.null, "null"), (true, "true"), (false, "false"), (0, "0"), (.integer(.min), "-9223372036854775808"),
      (1.0, "1.0"), (0.1, "0.1"), (.double(-0.0), "-0.0"), (1e21, "1e+21"), (.double(.leastNonzeroMagnitude), "5e-324"),
      (0.30000000000000004, "0.30000000000000004"), (.double(.greatestFiniteMagnitude), "1.7976931348623157e+308"),
      (.double(.nan), #""NaN""#), (.double(.infinity), #""Infinity""#), (.double(-.infinity), #""-Infinity""#),
      ("", #""""#), ("a\"\\/\u{8}\u{c}\n\r\t", #""a\"\\/\b\f\n\r\t""#),
      ("\u{0}\u{1f}\u{7f}", "\"\\u0000\\u001f\u{7f}\""),
      ("é€😀", "\"é€😀\""), ([], "[]"), ([:], "{}"), ([1, [nil]], "[1,[null]]"),
      (["b": 1, "a": 2, "B": 3, "": 4, "aa": 5], #"{"":4,"B":3,"a":2,"aa":5,"b":1}"#),
      (["\u{FF61}": 1, "😀": 2], "{\"\u{FF61}\":1,\"😀\":2}"),
    ] as [(JSON, String)])
  func writesOneSpelling(value: JSON, expected: String) {
    #expect(value.text() == expected)
    #expect(value.bytes() == Array(expected.utf8))
  }

  @Test func prettyTextIsIndented() {
    let value: JSON = ["a": [1, [:]], "b": ["c": [], "d": nil]]
    let expected = """
      {
        "a": [
          1,
          {}
        ],
        "b": {
          "c": [],
          "d": null
        }
      }
      """
    #expect(value.prettyText() == expected)
  }

  @Test func writtenValuesReadBack() throws {
    var random = SeededGenerator.announced("JSON round trip")
    for _ in 0..<500 {
      let value = JSON.random(depth: 4, using: &random)
      #expect(try JSONReader.parse(value.bytes()) == value)
      #expect(try JSONReader.parse(value.prettyText()) == value)
    }
  }

  @Test func everyDoubleReadsBack() throws {
    var random = SeededGenerator.announced("JSON doubles")
    for _ in 0..<5_000 {
      let value = Double(bitPattern: random.next())
      guard value.isFinite else { continue }
      #expect(try JSONReader.parse(JSON.double(value).bytes()) == .double(value))
    }
  }
}
