import Testing
import WorkerKit

@Suite("JSON reader")
struct JSONReaderTests {
  @Test(
    arguments: [
      ("null", .null), (" \t\r\n true \n", true), ("false", false),
      ("0", 0), ("-0", 0), ("42", 42), ("-1", -1),
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", .double(9_223_372_036_854_775_808)),
      ("-9223372036854775809", .double(-9_223_372_036_854_775_808)),
      ("18446744073709551616", .double(18_446_744_073_709_551_616)),
      ("100000000000000000000000", .double(1e23)),
      ("0.0", 0.0), ("-0.0", .double(-0.0)), ("1.0", 1.0), ("1e2", 100.0), ("1E+2", 100.0), ("25e-1", 2.5),
      ("0.1", 0.1), ("123.456e-7", 123.456e-7), ("1.7976931348623157e308", .double(.greatestFiniteMagnitude)),
      ("5e-324", .double(.leastNonzeroMagnitude)),
      ("2.2250738585072011e-308", .double(Double.leastNormalMagnitude.nextDown)),
      ("9007199254740993.0", 9_007_199_254_740_992.0), ("1e-400", 0.0), ("0e999999999999999999999", 0.0),
      ("9007199254740993e-1", 900719925474099.3), ("0.30000000000000004", 0.30000000000000004),
      (#""""#, ""), (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{c}\n\r\tz"),
      (#""\u0000\u001f\u00e9\u20AC""#, "\u{0}\u{1f}é€"), (#""\ud83d\uDE00""#, "😀"),
      (#""\uFFFF\udbff\udfff""#, "\u{FFFF}\u{10FFFF}"),
      ("\"é€😀\u{7f}\u{2028}\"", "é€😀\u{7f}\u{2028}"), (#""é\n€""#, "é\n€"), ("\"\u{FEFF}\"", "\u{FEFF}"),
      ("[]", []), ("[ ]", []), ("{}", [:]), ("{ }", [:]), (#"[1,[2,{"a":[]}],null]"#, [1, [2, ["a": []]], nil]),
      (#" { "a" : 1 , "" : { "a" : 2 } } "#, ["a": 1, "": ["a": 2]]),
    ] as [(String, JSON)])
  func readsWhatTheGrammarAllows(text: String, expected: JSON) throws {
    #expect(try JSONReader.parse(text) == expected)
  }

  @Test(
    arguments: [
      ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("nul", .unexpectedEnd, 3), ("nulL", .unexpectedByte, 3),
      ("True", .unexpectedByte, 0), ("NaN", .unexpectedByte, 0), ("Infinity", .unexpectedByte, 0),
      ("'a'", .unexpectedByte, 0), ("\u{FEFF}1", .unexpectedByte, 0), ("\u{0}", .unexpectedByte, 0),
      ("/**/1", .unexpectedByte, 0), ("\u{A0}1", .unexpectedByte, 0), ("\u{c}1", .unexpectedByte, 0),
      ("1 2", .trailingBytes, 2), ("{}}", .trailingBytes, 2), ("1\u{0}", .trailingBytes, 1),
      ("true,", .trailingBytes, 4),
      ("01", .invalidNumber, 1), ("-01", .invalidNumber, 2), ("1.", .unexpectedEnd, 2), ("1.e1", .invalidNumber, 2),
      ("-", .unexpectedEnd, 1), ("-a", .invalidNumber, 1), ("+1", .unexpectedByte, 0), (".5", .unexpectedByte, 0),
      ("1e", .unexpectedEnd, 2), ("1e+", .unexpectedEnd, 3), ("1ex", .invalidNumber, 2), ("0x10", .trailingBytes, 1),
      ("1_000", .trailingBytes, 1), ("--1", .invalidNumber, 1),
      ("1e400", .numberOutOfRange, 0), ("[-1e309]", .numberOutOfRange, 1),
      ("1e99999999999999999999", .numberOutOfRange, 0),
      ("\"", .unexpectedEnd, 1), ("\"a", .unexpectedEnd, 2), (#""\"#, .unexpectedEnd, 2), (#""\""#, .unexpectedEnd, 3),
      ("\"a\nb\"", .controlCharacter, 2), ("\"\u{0}\"", .controlCharacter, 1), ("\"\\n\t\"", .controlCharacter, 3),
      (#""\a""#, .invalidEscape, 2), (#""\x41""#, .invalidEscape, 2), (#""\U0041""#, .invalidEscape, 2),
      (#""\u00g0""#, .invalidEscape, 5), (#""\u12"#, .unexpectedEnd, 5), (#""\u 123""#, .invalidEscape, 3),
      (#""\ud800""#, .loneSurrogate, 1), (#""\udc00""#, .loneSurrogate, 1), (#""\ud800\ud800""#, .loneSurrogate, 1),
      (#""\ud800\n""#, .loneSurrogate, 1), (#""x\udbff\u0041""#, .loneSurrogate, 2),
      (#""\udc00\ud800""#, .loneSurrogate, 1),
      ("[", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2), ("[1,", .unexpectedEnd, 3), ("[1,]", .unexpectedByte, 3),
      ("[,1]", .unexpectedByte, 1), ("[1 2]", .unexpectedByte, 3), ("[1}", .unexpectedByte, 2),
      ("]", .unexpectedByte, 0),
      ("{", .unexpectedEnd, 1), (#"{"a"}"#, .unexpectedByte, 4), (#"{"a":}"#, .unexpectedByte, 5),
      (#"{"a":1,}"#, .unexpectedByte, 7), (#"{"a":1 "b":2}"#, .unexpectedByte, 7), ("{a:1}", .unexpectedByte, 1),
      ("{1:1}", .unexpectedByte, 1), (#"{"a":1"#, .unexpectedEnd, 6), (#"{"a" 1}"#, .unexpectedByte, 5),
      (#"{"a":1,"a":1}"#, .duplicateKey, 7), (#"{"a":1,"\u0061":2}"#, .duplicateKey, 7),
      ("{\"\u{e9}\":1,\"e\u{301}\":2}", .duplicateKey, 8),
    ] as [(String, JSONError.Code, Int)])
  func refusesWhatTheGrammarDoesNot(text: String, code: JSONError.Code, offset: Int) {
    let error = #expect(throws: JSONError.self) { try JSONReader.parse(text) }
    #expect(error?.code == code)
    #expect(error?.offset == offset)
  }

  @Test(
    arguments: [
      [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
      [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
      [0xF0, 0x9F, 0x98], [0xF0, 0x9F, 0x98, 0x28], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    ] as [[UInt8]])
  func refusesInvalidUTF8(bytes: [UInt8]) {
    for prefix in [[], Array("a\\n".utf8)] as [[UInt8]] {
      let error = #expect(throws: JSONError.self) { try JSONReader.parse([0x22] + prefix + bytes + [0x22]) }
      #expect(error?.code == .invalidUTF8)
      let cut = #expect(throws: JSONError.self) { try JSONReader.parse([0x22] + prefix + bytes) }
      #expect(cut?.code == .invalidUTF8 || cut?.code == .unexpectedEnd)
    }
  }

  @Test func depthIsLimited() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: #"[{"a":"#, count: depth / 2) + "1" + String(repeating: "}]", count: depth / 2)
    }
    #expect(try JSONReader.parse(nested(64)).kind == "array")
    let error = #expect(throws: JSONError.self) { try JSONReader.parse(nested(66)) }
    #expect(error?.code == .tooDeep)
    #expect(try JSONReader.parse(nested(66), limits: JSONLimits(depth: 66)).kind == "array")
    #expect(try JSONReader.parse("1", limits: JSONLimits(depth: 0)) == 1)
    let open = #expect(throws: JSONError.self) { try JSONReader.parse(String(repeating: "[", count: 1_000_000)) }
    #expect(open?.code == .tooDeep)
    #expect(open?.offset == 64)
  }

  @Test func anErrorSaysWhere() {
    let text = "{\n  \"tags\": [\n    {\"é\": 1 x"
    let error = #expect(throws: JSONError.self) { try JSONReader.parse(text) }
    #expect(error?.line == 3)
    #expect(error?.column == 13)
    #expect(error?.path == ["tags", "0"])
    #expect(error?.description == "line 3, column 13: a comma or a closing brace was expected (at tags.0)")
  }

  @Test func aDuplicateKeyIsNamedByItsPath() {
    let error = #expect(throws: JSONError.self) { try JSONReader.parse(#"{"a": [0, {"b": 1, "c": 2, "b": 3}]}"#) }
    #expect(error?.code == .duplicateKey)
    #expect(error?.path == ["a", "1", "b"])
    #expect(error?.description.hasPrefix("line 1, column 28: ") == true)
  }

  @Test func aDescriptionStaysShortWhateverTheKeys() {
    let key = String(repeating: "k", count: 10_000)
    let error = #expect(throws: JSONError.self) { try JSONReader.parse("{\"\(key)\": x}") }
    #expect((error?.description.count ?? .max) < 300)
  }
}
