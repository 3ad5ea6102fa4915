/// A test of a single value: what EventBridge calls a comparison operator.
///
/// Texts are compared by their UTF-8 bytes. Where case is ignored, both are first put in lower case by Unicode's
/// default mapping (Unicode Standard, section 3.13).
public indirect enum PatternTest: Sendable, Hashable {
  /// This scalar; numbers by value.
  case equals(JSON)
  /// A text that begins so.
  case prefix(String)
  /// A text that begins so, in any case of letters.
  case prefixIgnoringCase(String)
  /// A text that ends so.
  case suffix(String)
  /// A text that ends so, in any case of letters.
  case suffixIgnoringCase(String)
  /// This text, in any case of letters.
  case equalsIgnoringCase(String)
  /// A text of this form.
  case wildcard(Wildcard)
  /// A number in this range.
  case numeric(NumericRange)
  /// A text that is an IP address of this block.
  case cidr(AddressBlock)
  /// Whether there is a value: true for any. False stands for none, and holds for no value.
  case exists(Bool)
  /// A value for which none of these tests holds.
  case anythingBut([PatternTest])

  /// Whether the test holds for a scalar: null, a boolean, a number or a text.
  public func holds(for scalar: JSON) -> Bool {
    switch (self, scalar) {
    case (.equals(let value), _): value.numericallyEquals(scalar)
    case (.prefix(let prefix), .string(let text)): text.utf8.starts(with: prefix.utf8)
    case (.prefixIgnoringCase(let prefix), .string(let text)):
      text.lowercased().utf8.starts(with: prefix.lowercased().utf8)
    case (.suffix(let suffix), .string(let text)): text.utf8.reversed().starts(with: suffix.utf8.reversed())
    case (.suffixIgnoringCase(let suffix), .string(let text)):
      text.lowercased().utf8.reversed().starts(with: suffix.lowercased().utf8.reversed())
    case (.equalsIgnoringCase(let value), .string(let text)):
      text.lowercased().utf8.elementsEqual(value.lowercased().utf8)
    case (.wildcard(let wildcard), .string(let text)): wildcard.matches(Array(text.utf8))
    case (.numeric(let range), _): ExactNumber(scalar).map(range.contains) ?? false
    case (.cidr(let block), .string(let text)): IPAddress(text).map(block.contains) ?? false
    case (.exists(let isThere), _): isThere
    case (.anythingBut(let tests), _): !tests.contains { $0.holds(for: scalar) }
    default: false
    }
  }
}

extension PatternTest: CustomStringConvertible {
  /// What the test asks for, in words: `a text that begins with "image/"`.
  public var description: String {
    switch self {
    case .equals(let value): value.text()
    case .prefix(let text): "a text that begins with \(quoted(text))"
    case .prefixIgnoringCase(let text): "a text that begins with \(quoted(text)) in any case"
    case .suffix(let text): "a text that ends with \(quoted(text))"
    case .suffixIgnoringCase(let text): "a text that ends with \(quoted(text)) in any case"
    case .equalsIgnoringCase(let text): "\(quoted(text)) in any case"
    case .wildcard(let wildcard): "a text like \(quoted(wildcard.source))"
    case .numeric(let range): "a number \(range)"
    case .cidr(let block): "an address in \(block)"
    case .exists(let isThere): isThere ? "any value" : "absent"
    case .anythingBut(let tests): "anything but \(tests.map(\.description).joined(separator: ", "))"
    }
  }

  /// The operator's name, and the kind of value that it compares; nil where it takes any.
  var comparison: (name: String, kind: String)? {
    switch self {
    case .prefix, .prefixIgnoringCase: ("prefix", "string")
    case .suffix, .suffixIgnoringCase: ("suffix", "string")
    case .equalsIgnoringCase: ("equals-ignore-case", "string")
    case .wildcard: ("wildcard", "string")
    case .numeric: ("numeric", "number")
    case .cidr: ("cidr", "string")
    case .equals, .exists, .anythingBut: nil
    }
  }

  private func quoted(_ text: String) -> String { JSON.string(text).text() }
}
