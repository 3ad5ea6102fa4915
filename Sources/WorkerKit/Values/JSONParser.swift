/// One pass over the bytes of a JSON text by recursive descent; it lives for one call of `JSONReader.parse`.
struct JSONParser {
  let input: UnsafeBufferPointer<UInt8>
  let maximumDepth: Int
  var offset = 0

  init(input: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
    self.input = input
    self.maximumDepth = maximumDepth
  }

  /// The next byte, or 0 at the end: no byte 0 can stand outside a text, so the two need not be told apart there.
  var current: UInt8 { offset < input.count ? input[offset] : 0 }

  mutating func document() throws(JSONFault) -> JSON {
    skipSpace()
    let result = try value(depth: 0)
    skipSpace()
    guard offset == input.count else {
      throw JSONFault(code: .trailingBytes, message: "nothing may follow the value", offset: offset)
    }
    return result
  }

  func unexpected(_ message: String, _ code: JSONError.Code = .unexpectedByte) -> JSONFault {
    JSONFault(code: offset < input.count ? code : .unexpectedEnd, message: message, offset: offset)
  }

  private mutating func skipSpace() {
    while offset < input.count {
      switch input[offset] {
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): offset += 1
      default: return
      }
    }
  }

  private mutating func value(depth: Int) throws(JSONFault) -> JSON {
    switch current {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: throw unexpected("a value was expected")
    }
  }

  private mutating func literal(_ word: StaticString, _ result: JSON) throws(JSONFault) -> JSON {
    for index in 0..<word.utf8CodeUnitCount {
      guard current == word.utf8Start[index] else { throw unexpected("true, false, or null was expected") }
      offset += 1
    }
    return result
  }

  private mutating func enter(depth: Int) throws(JSONFault) {
    guard depth <= maximumDepth else {
      throw JSONFault(code: .tooDeep, message: "arrays and objects are nested too deeply", offset: offset)
    }
    offset += 1
    skipSpace()
  }

  private mutating func array(depth: Int) throws(JSONFault) -> [JSON] {
    try enter(depth: depth)
    var elements: [JSON] = []
    if current == UInt8(ascii: "]") {
      offset += 1
      return elements
    }
    while true {
      do throws(JSONFault) {
        elements.append(try value(depth: depth))
      } catch {
        throw error.within(String(elements.count))
      }
      skipSpace()
      if current == UInt8(ascii: "]") { break }
      guard current == UInt8(ascii: ",") else { throw unexpected("a comma or a closing bracket was expected") }
      offset += 1
      skipSpace()
    }
    offset += 1
    return elements
  }

  private mutating func object(depth: Int) throws(JSONFault) -> [String: JSON] {
    try enter(depth: depth)
    if current == UInt8(ascii: "}") {
      offset += 1
      return [:]
    }
    // Most of the time goes into hashing keys; room from the start saves hashing them again as the object grows.
    var members = [String: JSON](minimumCapacity: 6)
    while true {
      try member(into: &members, depth: depth)
      skipSpace()
      if current == UInt8(ascii: "}") { break }
      guard current == UInt8(ascii: ",") else { throw unexpected("a comma or a closing brace was expected") }
      offset += 1
      skipSpace()
    }
    offset += 1
    return members
  }

  private mutating func member(into members: inout [String: JSON], depth: Int) throws(JSONFault) {
    guard current == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes was expected") }
    let start = offset
    let key = try string()
    skipSpace()
    do throws(JSONFault) {
      guard current == UInt8(ascii: ":") else { throw unexpected("a colon was expected") }
      offset += 1
      skipSpace()
      let value = try value(depth: depth)
      guard members.updateValue(value, forKey: key) == nil else {
        throw JSONFault(code: .duplicateKey, message: "the object already has this key", offset: start)
      }
    } catch {
      throw error.within(key)
    }
  }
}
