import Crypto

extension Failure {
  /// How long a cause is, in characters.
  static let causeLength = 12

  /// A short name of what went wrong, alike for all failures of one kind, code and `pattern`: 12 hexadecimal digits.
  public var cause: String {
    let errorType = fields[Self.errorTypeField] ?? ""
    let text = [kind.rawValue, code, pattern, errorType].joined(separator: "\u{0}")
    return String(SHA256.hash(data: Array(text.utf8)).hexadecimal.prefix(Self.causeLength))
  }

  /// The message with what differs from case to case taken out: numbers, ids, paths, addresses, quoted parts.
  public var pattern: String { MessagePattern.of(message) }
}
