/// How many there are, in words.
enum Plural {
  /// `1 job`, `2 jobs`.
  static func text(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
