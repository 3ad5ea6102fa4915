/// A block of IP addresses in CIDR notation (RFC 4632, RFC 4291 section 2.3): `10.0.0.0/8`, `2001:db8::/32`.
public struct AddressBlock: Sendable, Hashable, CustomStringConvertible {
  /// The block's lowest address.
  let base: IPAddress
  /// How many leading bits its addresses share.
  let length: Int

  /// Reads a block; bits of the address beyond the length count as 0. Nil where the text is none.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPAddress(String(parts[0])), let length = Int(parts[1]),
      (0...address.bits).contains(length), String(length) == parts[1]
    else { return nil }
    self.init(of: address, length: length)
  }

  /// The block that an address is in. The length is at most the address's bits.
  init(of address: IPAddress, length: Int) {
    base = address.masked(to: length)
    self.length = length
  }

  /// Whether an address is of this block. Those of IPv4 and of IPv6 have nothing in common.
  func contains(_ address: IPAddress) -> Bool { address.isIPv6 == base.isIPv6 && address.masked(to: length) == base }

  /// The block in CIDR notation.
  public var description: String { "\(base)/\(length)" }
}

/// An IPv4 or IPv6 address.
struct IPAddress: Sendable, Hashable, CustomStringConvertible {
  let isIPv6: Bool
  private let value: UInt128

  var bits: Int { isIPv6 ? 128 : 32 }

  /// Reads four decimal numbers (RFC 3986 section 3.2.2's form: no leading zeros), or the forms of RFC 4291
  /// section 2.2 without a zone.
  init?(_ text: String) {
    guard text.utf8.count <= 45 else { return nil }
    isIPv6 = text.utf8.contains(UInt8(ascii: ":"))
    if isIPv6 {
      guard let groups = Self.groups(text) else { return nil }
      value = groups.reduce(0) { $0 << 16 | UInt128($1) }
    } else {
      guard let four = Self.four(text[...]) else { return nil }
      value = UInt128(four)
    }
  }

  private init(isIPv6: Bool, value: UInt128) {
    self.isIPv6 = isIPv6
    self.value = value
  }

  /// The address with all but the leading bits 0.
  func masked(to length: Int) -> IPAddress {
    IPAddress(isIPv6: isIPv6, value: (value >> UInt128(bits - length)) << UInt128(bits - length))
  }

  var description: String {
    guard isIPv6 else {
      return stride(from: 24, through: 0, by: -8).map { String(UInt8(truncatingIfNeeded: value >> $0)) }
        .joined(separator: ".")
    }
    let groups = stride(from: 112, through: 0, by: -16).map {
      String(UInt16(truncatingIfNeeded: value >> $0), radix: 16)
    }
    return groups.joined(separator: ":")
  }

  private static func four(_ text: Substring) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
      guard let byte = UInt8(part), String(byte) == part else { return nil }
      value = value << 8 | UInt32(byte)
    }
    return value
  }

  /// The eight groups of an IPv6 address.
  private static func groups(_ text: String) -> [UInt16]? {
    guard let gap = text.firstRange(of: "::") else {
      return list(text[...]).flatMap { $0.count == 8 ? $0 : nil }
    }
    let (before, after) = (text[..<gap.lowerBound], text[gap.upperBound...])
    guard let head = before.isEmpty ? [] : list(before), let tail = after.isEmpty ? [] : list(after),
      head.count + tail.count < 8, !before.contains(".")
    else { return nil }
    return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
  }

  private static func list(_ text: Substring) -> [UInt16]? {
    var groups: [UInt16] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if index == parts.count - 1, part.contains("."), let four = four(part) {
        groups += [UInt16(truncatingIfNeeded: four >> 16), UInt16(truncatingIfNeeded: four)]
        continue
      }
      guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit), let group = UInt16(part, radix: 16)
      else { return nil }
      groups.append(group)
    }
    return groups
  }
}
