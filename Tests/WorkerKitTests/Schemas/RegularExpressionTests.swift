import Testing

@testable import WorkerKit

@Suite("Regular expressions", .timeLimit(.minutes(5)))
struct RegularExpressionTests {
  private func matches(_ expression: String, _ text: String) throws -> Bool? {
    var work = 1_000_000
    return try RegularExpression(expression).matches(text, work: &work) as Bool?
  }

  @Test(
    "texts that match",
    arguments: [
      ("", "x"), ("b", "abc"), ("^abc$", "abc"), ("a|^$", ""), ("^[a-c-]+$", "a-c"),
      (#"^\d{3}-\d{2,}$"#, "123-4567"), (#"^\w+\s\S$"#, "ab_1\u{A0}é"), (#"^[^\d\s]$"#, "x"), (#"^[\D]$"#, "é"),
      (#"^\x41\u0042\u{1F600}\t\0$"#, "AB\u{1F600}\t\u{0}"), (#"^(?:a|(?<n>b)){2}$"#, "ab"), (#"\bcat\b"#, "a cat!"),
      (#"^\p{Lu}\p{L}+\P{L}$"#, "Éa1"), (#"^[\p{N}_]+$"#, "½_1"), (#"^\/\.$"#, "/."),
      (#"^[\b\-]$"#, "\u{8}"), ("^.$", "é"), ("^(a*)*$", "aaa"), ("^(|a)+b$", "aab"), ("^a{0}b{2}?$", "bb"),
      ("(^a|b)c", "xbc"), ("^(a{2}){2,}$", "aaaaaa"), ("x*", ""),
    ])
  func matching(expression: String, text: String) throws { #expect(try matches(expression, text) == true) }

  @Test(
    "texts that do not",
    arguments: [
      ("^abc$", "abcd"), ("^.$", "\n"), (#"^\d$"#, "\u{661}"), ("^[^a]$", "a"), ("^a{2,3}$", "aaaa"),
      (#"\bat\b"#, "cat"),
      (#"^\p{Lu}$"#, "a"), ("^(a|b)*$", "abc"), ("a^", "a"), ("[^\\W]", "-"), ("^e$", "e\u{301}"), ("[]", "a"),
    ])
  func notMatching(expression: String, text: String) throws { #expect(try matches(expression, text) == false) }

  @Test(
    "what cannot be used is refused at its place",
    arguments: [
      ("a(", 3), ("a)", 2), ("[a", 3), ("*a", 1), ("a**", 3), ("^*", 2), ("a{3,1}", 7), ("a{x}", 3), ("{", 1), ("]", 1),
      ("a{1001}", 3), (#"\"#, 1), (#"\q"#, 1), (#"(a)\1"#, 4), (#"(?<n>a)\k<n>"#, 8), ("(?!a)", 2), ("(?<=a)", 2),
      (#"\p{Greek}"#, 4), (#"\u12"#, 1), (#"\u{110000}"#, 1), (#"\ud800"#, 1), ("[z-a]", 5), (#"[a-\d]"#, 6),
      ("(?i)a", 2),
      ("((a{100}){100}){100}", 1),
    ])
  func refusals(expression: String, column: Int) {
    let error = #expect(throws: ExpressionError.self) { try RegularExpression(expression) }
    #expect(error?.column == column, "\(error?.message ?? "")")
  }

  @Test func groupsAreNestedWithinBounds() {
    let deep = String(repeating: "(", count: 60) + String(repeating: ")", count: 60)
    #expect(throws: ExpressionError.self) { try RegularExpression(deep) }
    #expect(throws: ExpressionError.self) { try RegularExpression(String(repeating: "a", count: 1001)) }
  }

  @Test("work grows with the text's length and no faster")
  func isLinear() throws {
    let expression = try RegularExpression("^(a|a)*(a|aa)+$")
    func cost(_ count: Int) -> Int {
      var work = 100_000_000
      #expect(expression.matches(String(repeating: "a", count: count) + "b", work: &work) == false)
      return 100_000_000 - work
    }
    #expect(cost(4000) < 5 * cost(1000))
    var work = 50
    #expect(expression.matches(String(repeating: "a", count: 1000), work: &work) == nil)
  }
}
