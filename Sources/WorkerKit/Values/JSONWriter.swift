/// Writes JSON so that equal values have equal bytes: keys are sorted by their UTF-8 bytes, no space is optional, and
/// each number and each text has one spelling.
///
/// - A double is written with the fewest digits that read back as the same double, always with a fraction or an
///   exponent, so that it reads back as a double.
/// - Only quotes, backslashes, and control characters below U+0020 are escaped.
/// - JSON has no infinity and no "not a number". A double that is not finite is written as the text `Infinity`,
///   `-Infinity`, or `NaN`, as in the JSON mapping of Protocol Buffers, so a mistake upstream stays visible.
///   `JSON(finite:)` keeps such values out.
public struct JSONWriter: Sendable {
  /// What was written so far.
  public private(set) var bytes: [UInt8] = []
  private let isPretty: Bool
  private var depth = 0

  /// A writer without output: compact, or with a line for each member and two spaces of indentation for each level.
  public init(pretty: Bool = false) { isPretty = pretty }

  /// Adds one value to the output.
  public mutating func append(_ value: JSON) {
    switch value {
    case .null: append("null")
    case .bool(let value): append(value ? "true" : "false")
    case .integer(let value): append(String(value))
    case .double(let value): append(value)
    case .string(let value): appendQuoted(value)
    case .array(let elements):
      appendItems(elements, between: "[", and: "]") { writer, element in writer.append(element) }
    case .object(let members):
      append(members: members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
    }
  }

  /// Adds an object whose members are in their order already, and each there once.
  mutating func append(members: [(key: String, value: JSON)]) {
    appendItems(members, between: "{", and: "}") { writer, member in
      writer.appendQuoted(member.key)
      writer.append(writer.isPretty ? ": " : ":")
      writer.append(member.value)
    }
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func append(_ value: Double) {
    guard value.isFinite else {
      return appendQuoted(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
    }
    append(value.description)
  }

  private mutating func appendItems<Item>(
    _ items: [Item], between open: String, and close: String, write: (inout JSONWriter, Item) -> Void
  ) {
    append(open)
    depth += 1
    for (index, item) in items.enumerated() {
      if index > 0 { append(",") }
      appendLineBreak()
      write(&self, item)
    }
    depth -= 1
    if !items.isEmpty { appendLineBreak() }
    append(close)
  }

  private mutating func appendLineBreak() {
    guard isPretty else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
  }

  private mutating func appendQuoted(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { appendEscaping($0) }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func appendEscaping(_ text: UnsafeBufferPointer<UInt8>) {
    var (copied, index) = (0, PlainBytes.end(in: text, from: 0, asciiOnly: false))
    while index < text.count {
      let byte = text[index]
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
        index += 1
        continue
      }
      bytes.append(contentsOf: text[copied..<index])
      appendEscaped(byte)
      copied = index + 1
      index = PlainBytes.end(in: text, from: copied, asciiOnly: false)
    }
    bytes.append(contentsOf: text[copied...])
  }

  private mutating func appendEscaped(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append("\\\"")
    case UInt8(ascii: "\\"): append("\\\\")
    case 0x08: append("\\b")
    case 0x09: append("\\t")
    case 0x0A: append("\\n")
    case 0x0C: append("\\f")
    case 0x0D: append("\\r")
    default: append((byte < 0x10 ? "\\u000" : "\\u00") + String(byte, radix: 16))
    }
  }
}

extension JSON {
  /// The compact form, as `JSONWriter` writes it: stable, so it may be hashed.
  public func bytes() -> [UInt8] {
    var writer = JSONWriter()
    writer.append(self)
    return writer.bytes
  }

  /// The compact form as text.
  public func text() -> String { String(decoding: bytes(), as: UTF8.self) }

  /// A form for people: a line for each member, two spaces of indentation for each level, no line feed at the end.
  public func prettyText() -> String {
    var writer = JSONWriter(pretty: true)
    writer.append(self)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
