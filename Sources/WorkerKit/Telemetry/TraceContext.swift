/// The id of a trace: 16 bytes, not all of them zero.
public struct TraceID: Hashable, Sendable, CustomStringConvertible {
  public let high: UInt64
  public let low: UInt64

  /// An id of two halves; two zeros become the id 1, since W3C Trace Context has no trace zero.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = high == 0 && low == 0 ? 1 : low
  }

  /// 32 lower-case hexadecimal digits.
  public var description: String { HexadecimalWord.text(of: high) + HexadecimalWord.text(of: low) }
}

/// The id of a span: 8 bytes, not all of them zero.
public struct SpanID: Hashable, Sendable, CustomStringConvertible {
  public let rawValue: UInt64

  /// An id of 8 bytes; zero becomes 1, since W3C Trace Context has no span zero.
  public init(rawValue: UInt64) { self.rawValue = rawValue == 0 ? 1 : rawValue }

  /// 16 lower-case hexadecimal digits.
  public var description: String { HexadecimalWord.text(of: rawValue) }
}

/// A place in a trace, as W3C Trace Context (level 1, https://www.w3.org/TR/trace-context-1/) passes it on.
public struct TraceContext: Hashable, Sendable {
  public let traceID: TraceID
  public let spanID: SpanID
  /// False where whoever began the trace does not want it recorded; that is obeyed, and passed on.
  public let isSampled: Bool
  /// `tracestate`: what other vendors pass along, unread; nil where there is none.
  public let state: String?

  /// Names a place in a trace.
  public init(traceID: TraceID, spanID: SpanID, isSampled: Bool = true, state: String? = nil) {
    self.traceID = traceID
    self.spanID = spanID
    self.isSampled = isSampled
    self.state = state
  }

  /// Reads a `traceparent`; nil where it is none: then a new trace begins. A later version counts by the part that
  /// this one has, as section 4.3 asks. A `tracestate` that is none is left out.
  public init?(traceParent: String, traceState: String? = nil) {
    let bytes = Array(traceParent.utf8)
    guard bytes.count >= Self.length, [2, 35, 52].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }),
      let version = HexadecimalWord.read(bytes[0..<2]), version != 0xFF,
      bytes.count == Self.length || (version != 0 && bytes[Self.length] == UInt8(ascii: "-")),
      let high = HexadecimalWord.read(bytes[3..<19]), let low = HexadecimalWord.read(bytes[19..<35]),
      let span = HexadecimalWord.read(bytes[36..<52]), let flags = HexadecimalWord.read(bytes[53..<55]),
      high != 0 || low != 0, span != 0
    else { return nil }
    self.init(
      traceID: TraceID(high: high, low: low), spanID: SpanID(rawValue: span), isSampled: flags & 1 == 1,
      state: traceState.flatMap { Self.isState($0) ? $0 : nil })
  }

  /// The bytes of a `traceparent` of version 00.
  private static let length = 55

  /// The context as the header field `traceparent`, of version 00.
  public var traceParent: String { "00-\(traceID)-\(spanID)-0\(isSampled ? 1 : 0)" }

  /// The place of another span in the same trace.
  public func at(_ span: SpanID) -> TraceContext {
    TraceContext(traceID: traceID, spanID: span, isSampled: isSampled, state: state)
  }

  /// At most 512 printable characters in at most 32 members, each with a key and a value.
  private static func isState(_ text: String) -> Bool {
    let members = text.split(separator: ",")
    return text.utf8.count <= 512 && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
      && (1...32).contains(members.count) && members.allSatisfy { $0.contains("=") }
  }
}

/// Numbers as ids write them: a fixed number of lower-case hexadecimal digits.
enum HexadecimalWord {
  static func text(of number: UInt64) -> String {
    stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt64($0)) }.hexadecimal
  }

  /// The number of up to 16 digits; nil where one is none, or a capital.
  static func read(_ digits: ArraySlice<UInt8>) -> UInt64? {
    var number: UInt64 = 0
    for digit in digits {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(digit - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
      default: return nil
      }
    }
    return number
  }
}
