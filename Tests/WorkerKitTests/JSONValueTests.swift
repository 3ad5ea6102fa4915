import Testing
import WorkerKit

@Suite("JSON values")
struct JSONValueTests {
  let document: JSON = ["a": [10, ["b": nil, "0": "zero"]], "n": 1.5, "t": true]

  @Test func subscriptsFindMembersAndElements() {
    #expect(document["n"] == 1.5)
    #expect(document["a"]?[0] == 10)
    #expect(document["x"] == nil)
    #expect(document[0] == nil)
    #expect(document["a"]?[2] == nil)
    #expect(document["a"]?[-1] == nil)
    #expect(document["n"]?["a"] == nil)
  }

  @Test(
    arguments: [
      ([], 0), (["a", "1", "b"], 1), (["a", "1", "0"], 2), (["a", "0"], 3), (["a", "00"], nil), (["a", "+0"], nil),
      (["a", "-1"], nil), (["a", "2"], nil), (["a", "b"], nil), (["n", "0"], nil),
      (["a", "99999999999999999999"], nil),
    ] as [([String], Int?)])
  func pathsLeadToValues(path: [String], expected: Int?) {
    let values: [JSON] = [document, nil, "zero", 10]
    #expect(document.value(at: path) == expected.map { values[$0] })
  }

  @Test func kindsAreNamed() {
    let values: [JSON] = [.null, true, 1, 1.5, "", [], [:]]
    #expect(values.map(\.kind) == ["null", "boolean", "number", "number", "string", "array", "object"])
  }

  @Test func equalityIsByBytes() {
    #expect(JSON.string("\u{e9}") != JSON.string("e\u{301}"))
    #expect(JSON.object(["\u{e9}": 1]) != JSON.object(["e\u{301}": 1]))
    #expect(JSON.double(0.0) != JSON.double(-0.0))
    #expect(JSON.double(.nan) == JSON.double(.nan))
    #expect(JSON.integer(1) != JSON.double(1))
    #expect(["a": [1], "b": 2] as JSON == ["b": 2, "a": [1]])
    #expect(["a": 1] as JSON != ["a": 1, "b": 2])
    #expect(Set([document, document, 1, 1.0]).count == 3)
  }

  @Test(
    arguments: [
      (1, 1.0, true), (0.0, .double(-0.0), true), (1, 1.5, false), (.integer(.max), .double(0x1p63), false),
      (.integer(9_007_199_254_740_993), 9_007_199_254_740_992.0, false), (.double(1e300), 1, false),
      (["a": [1, 2.0]], ["a": [1.0, 2]], true), (["a": 1], ["b": 1.0], false), ([1], [1.0, 2], false), ("1", 1, false),
      (.double(.nan), 1, false), (nil, nil, true),
    ] as [(JSON, JSON, Bool)])
  func numbersCompareByValue(left: JSON, right: JSON, expected: Bool) {
    #expect(left.numericallyEquals(right) == expected)
    #expect(right.numericallyEquals(left) == expected)
  }

  @Test func literalsWithARepeatedKeyKeepTheLast() {
    #expect(["a": 1, "a": 2] as JSON == ["a": 2])
  }

  @Test func onlyFiniteNumbersBecomeNumbers() {
    #expect(JSON(finite: 1.5) == 1.5)
    #expect(JSON(finite: .infinity) == nil)
    #expect(JSON(finite: .nan) == nil)
  }
}
