/// A JSON value (RFC 8259) held in memory.
///
/// Whole numbers that fit 64 bits are kept apart from all other numbers, so that ids and byte counts stay exact.
/// Object members have no order: two objects with the same members are equal.
public enum JSON: Sendable, Hashable {
  /// The `null` literal.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number written without fraction and exponent that fits `Int64`.
  case integer(Int64)
  /// Any other number. It should be finite; `JSONWriter` says what becomes of one that is not.
  case double(Double)
  /// A text.
  case string(String)
  /// An ordered list.
  case array([JSON])
  /// Members by their key.
  case object([String: JSON])
}

extension JSON {
  /// A number for `value`, or nil if `value` is infinite or not a number, which JSON cannot express.
  public init?(finite value: Double) {
    guard value.isFinite else { return nil }
    self = .double(value)
  }

  /// What the value is, in JSON's own words: `null`, `boolean`, `number`, `string`, `array`, `object`.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .integer, .double: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

extension JSON {
  /// Whether both are of the same case and alike byte for byte.
  ///
  /// Texts are compared by their UTF-8 bytes, not by canonical equivalence as Swift's `String` is, and doubles by
  /// their bits. So finite values are equal exactly when `bytes()` are, and a value always equals itself.
  /// `1` and `1.0` differ; `numericallyEquals` takes them as equal.
  public static func == (left: JSON, right: JSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.integer(let left), .integer(let right)): left == right
    case (.double(let left), .double(let right)): left.bitPattern == right.bitPattern
    case (.string(let left), .string(let right)): hasSameBytes(left, right)
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left.matches(right, by: ==)
    default: false
    }
  }

  /// Whether both are equal when numbers are compared by their mathematical value, at every depth.
  ///
  /// `1` equals `1.0`, and `0.0` equals `-0.0`. An integer never equals a double that merely rounds to it.
  public func numericallyEquals(_ other: JSON) -> Bool {
    switch (self, other) {
    case (.double(let left), .double(let right)): left == right
    case (.integer(let whole), .double(let number)), (.double(let number), .integer(let whole)):
      Int64(exactly: number) == whole
    case (.array(let left), .array(let right)):
      left.elementsEqual(right) { $0.numericallyEquals($1) }
    case (.object(let left), .object(let right)):
      left.matches(right) { $0.numericallyEquals($1) }
    default: self == other
    }
  }
}

extension [String: JSON] {
  fileprivate func matches(_ other: [String: JSON], by same: (JSON, JSON) -> Bool) -> Bool {
    guard count == other.count else { return false }
    return allSatisfy { key, value in
      // A dictionary finds a key by canonical equivalence; the bytes have to agree as well.
      guard let index = other.index(forKey: key) else { return false }
      return hasSameBytes(other[index].key, key) && same(value, other[index].value)
    }
  }
}

private func hasSameBytes(_ left: String, _ right: String) -> Bool {
  guard left.utf8.count == right.utf8.count else { return false }
  let result = left.utf8.withContiguousStorageIfAvailable { left in
    right.utf8.withContiguousStorageIfAvailable { right in left.elementsEqual(right) }
  }
  return (result ?? nil) ?? left.utf8.elementsEqual(right.utf8)
}
