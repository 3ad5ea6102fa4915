/// Why bytes are not the JSON that was asked for, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, as a short fixed word.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// A byte that cannot stand here.
    case unexpectedByte = "unexpected_byte"
    /// The bytes end inside a value.
    case unexpectedEnd = "unexpected_end"
    /// Something other than white space follows the value.
    case trailingBytes = "trailing_bytes"
    /// Arrays and objects are nested deeper than the limit.
    case tooDeep = "too_deep"
    /// An object has the same key twice.
    case duplicateKey = "duplicate_key"
    /// A text holds bytes that are not UTF-8.
    case invalidUTF8 = "invalid_utf8"
    /// A text holds an unescaped control character.
    case controlCharacter = "control_character"
    /// A backslash is followed by something that is no escape.
    case invalidEscape = "invalid_escape"
    /// A `\u` escape names one half of a surrogate pair alone.
    case loneSurrogate = "lone_surrogate"
    /// A number breaks the grammar, such as `01` or `1.`.
    case invalidNumber = "invalid_number"
    /// A number is too large for a double.
    case numberOutOfRange = "number_out_of_range"
  }

  /// What is wrong.
  public let code: Code
  /// A constant sentence for people; it never holds any part of the input.
  public let message: String
  /// The position of the offending byte, from 0; the length of the input if it ended too early.
  public let offset: Int
  /// The line, from 1; a line ends with a line feed.
  public let line: Int
  /// The column in Unicode scalars, from 1.
  public let column: Int
  /// The keys and indices that lead to the offending value; for a duplicate key the key is the last of them.
  public let path: [String]

  /// Place, sentence, and path: `line 3, column 14: a comma or a closing brace was expected (at payload.tags)`.
  ///
  /// The path is cut to 200 characters, since its keys come from the input.
  public var description: String {
    let place = "line \(line), column \(column): \(message)"
    return path.isEmpty ? place : "\(place) (at \(path.joined(separator: ".").prefix(200)))"
  }
}

/// A `JSONError` on its way up: line and column are counted once it has left the parser.
struct JSONFault: Error {
  let code: JSONError.Code
  let message: String
  let offset: Int
  /// The steps from the innermost outwards, since each level adds its own while the error passes through.
  var reversedPath: [String] = []

  func within(_ step: String) -> JSONFault {
    var fault = self
    fault.reversedPath.append(step)
    return fault
  }

  func located(in input: UnsafeBufferPointer<UInt8>) -> JSONError {
    let before = input.prefix(offset)
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    // A continuation byte of UTF-8 begins no scalar.
    let column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
    return JSONError(
      code: code, message: message, offset: offset, line: line, column: column, path: reversedPath.reversed())
  }
}
