/// Why a text is no cron expression.
public struct CronError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The field that is wrong; nil where the expression is wrong as a whole.
  public let field: CronField?
  /// The part that is wrong, as it was written.
  public let text: String
  /// What should stand there.
  public let expected: String
  /// What to write instead, where that can be guessed.
  public let hint: String?

  init(_ field: CronField?, _ text: some StringProtocol, expected: String, hint: String? = nil) {
    self.field = field
    self.text = String(text.prefix(64))
    self.expected = expected
    self.hint = hint
  }

  /// One line for a person, without the hint: `the hour is '25'; expected a number from 0 to 23`.
  public var description: String {
    "the \(field?.rawValue ?? "cron expression") is '\(text)'; expected \(expected)"
  }
}
