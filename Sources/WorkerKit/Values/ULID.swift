/// A Universally Unique Lexicographically Sortable Identifier: 48 bits of milliseconds, then 80 random bits.
///
/// Its text is 26 characters of Crockford's base 32 (https://github.com/ulid/spec). Texts order as the ids do.
public struct ULID: Hashable, Sendable, CustomStringConvertible {
  private let high: UInt64
  private let low: UInt64

  /// Makes an id from a moment and 80 random bits, of which `randomHigh` gives the upper 16.
  public init(at moment: Timestamp, randomHigh: UInt16, randomLow: UInt64) {
    high = UInt64(truncatingIfNeeded: moment.milliseconds) << 16 | UInt64(randomHigh)
    low = randomLow
  }

  /// Reads the 26-character form, in either case; nil where the text is not one.
  public init?(_ text: String) {
    let scalars = Array(text.utf8)
    guard scalars.count == 26, let first = Self.value(of: scalars[0]), first < 8 else { return nil }
    var (high, low) = (UInt64(0), UInt64(0))
    for scalar in scalars {
      guard let digit = Self.value(of: scalar) else { return nil }
      high = high << 5 | low >> 59
      low = low << 5 | UInt64(digit)
    }
    (self.high, self.low) = (high, low)
  }

  /// The moment in the id, in milliseconds since 1970.
  public var milliseconds: Int64 { Int64(high >> 16) }

  /// The 26-character form, in upper case.
  public var description: String {
    String(unsafeUninitializedCapacity: 26) { buffer in
      var (high, low) = (high, low)
      for index in stride(from: 25, through: 0, by: -1) {
        buffer[index] = Self.alphabet[Int(low & 31)]
        low = low >> 5 | high << 59
        high >>= 5
      }
      return 26
    }
  }

  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
  private static let values: [UInt8: UInt8] = {
    var values: [UInt8: UInt8] = [:]
    for (value, scalar) in alphabet.enumerated() {
      values[scalar] = UInt8(value)
      if scalar >= 65 { values[scalar + 32] = UInt8(value) }
    }
    return values
  }()

  private static func value(of scalar: UInt8) -> UInt8? { values[scalar] }
}
