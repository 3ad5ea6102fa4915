/// How many there are, in words.
enum Plural {
  /// `1 job`, `2 jobs`.
  static func text(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

  /// The same where the noun has a plural of its own: `1 entry`, `2 entries`.
  static func text(_ count: Int, _ noun: String, _ nouns: String) -> String { "\(count) \(count == 1 ? noun : nouns)" }
}
