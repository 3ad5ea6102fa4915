extension JSONParser {
  /// Reads the text that begins with the quote at `offset`.
  mutating func string() throws(JSONFault) -> String {
    offset += 1
    let start = offset
    offset = PlainBytes.end(in: input, from: start, asciiOnly: true)
    while offset < input.count {
      let byte = input[offset]
      if byte == UInt8(ascii: "\"") {
        offset += 1
        return String(decoding: UnsafeBufferPointer(rebasing: input[start..<offset - 1]), as: UTF8.self)
      }
      if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
      try skipScalar(startingWith: byte)
    }
    throw unexpected("a closing quote was expected")
  }

  /// Goes on from the first escape of a text; what lies between `start` and it is taken over as it stands.
  private mutating func escapedString(from start: Int) throws(JSONFault) -> String {
    var text = Array(input[start..<offset])
    while offset < input.count {
      let byte = input[offset]
      if byte == UInt8(ascii: "\"") {
        offset += 1
        return String(decoding: text, as: UTF8.self)
      }
      if byte == UInt8(ascii: "\\") {
        try appendEscape(to: &text)
      } else {
        let begin = offset
        try skipScalar(startingWith: byte)
        text.append(contentsOf: input[begin..<offset])
      }
    }
    throw unexpected("a closing quote was expected")
  }

  private mutating func appendEscape(to text: inout [UInt8]) throws(JSONFault) {
    offset += 1
    switch current {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(current)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      text.append(contentsOf: String(try unicodeEscape()).utf8)
      return
    default: throw unexpected("an escape after the backslash was expected", .invalidEscape)
    }
    offset += 1
  }

  /// Reads `uXXXX`, or the two escapes of a surrogate pair (RFC 8259 section 7).
  private mutating func unicodeEscape() throws(JSONFault) -> Unicode.Scalar {
    let start = offset - 1
    let first = try hexadecimalUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    let lone = JSONFault(code: .loneSurrogate, message: "half of a surrogate pair stands alone", offset: start)
    guard first < 0xDC00, current == UInt8(ascii: "\\") else { throw lone }
    offset += 1
    guard current == UInt8(ascii: "u") else { throw lone }
    let second = try hexadecimalUnit()
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw lone }
    return scalar
  }

  private mutating func hexadecimalUnit() throws(JSONFault) -> UInt32 {
    offset += 1
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(current)).hexDigitValue else {
        throw unexpected("four hexadecimal digits were expected", .invalidEscape)
      }
      unit = unit << 4 | UInt32(digit)
      offset += 1
    }
    return unit
  }

  /// Moves past the scalar that begins with `byte`, if it may stand in a text as it is.
  @inline(__always)
  private mutating func skipScalar(startingWith byte: UInt8) throws(JSONFault) {
    if byte >= 0x80 {
      try skipMultibyteScalar(startingWith: byte)
    } else if byte >= 0x20 {
      offset += 1
    } else {
      throw JSONFault(code: .controlCharacter, message: "a control character must be escaped", offset: offset)
    }
  }

  /// Follows table 3-7, "Well-Formed UTF-8 Byte Sequences", of the Unicode standard.
  private mutating func skipMultibyteScalar(startingWith byte: UInt8) throws(JSONFault) {
    let second: ClosedRange<UInt8>
    let length: Int
    switch byte {
    case 0xC2...0xDF: (second, length) = (0x80...0xBF, 2)
    case 0xE0: (second, length) = (0xA0...0xBF, 3)
    case 0xED: (second, length) = (0x80...0x9F, 3)
    case 0xE1...0xEF: (second, length) = (0x80...0xBF, 3)
    case 0xF0: (second, length) = (0x90...0xBF, 4)
    case 0xF1...0xF3: (second, length) = (0x80...0xBF, 4)
    case 0xF4: (second, length) = (0x80...0x8F, 4)
    default: throw invalidUTF8
    }
    offset += 1
    guard second.contains(current) else { throw invalidUTF8 }
    for _ in 2..<length {
      offset += 1
      guard (0x80...0xBF).contains(current) else { throw invalidUTF8 }
    }
    offset += 1
  }

  private var invalidUTF8: JSONFault { unexpected("the text is not valid UTF-8", .invalidUTF8) }
}
