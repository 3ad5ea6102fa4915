/// A block of IP addresses, as in `10.0.0.0/8`.
struct AddressRange {
  private let start: [UInt8]
  private let bits: Int

  /// All addresses whose first `bits` bits are those of `start`; what `start` leaves out is zero.
  init(_ start: [UInt8], _ bits: Int) {
    self.start = start
    self.bits = bits
  }

  func contains(_ address: [UInt8]) -> Bool {
    for index in 0..<(bits + 7) / 8 {
      let mask = UInt8(truncatingIfNeeded: 0xFF00 >> min(8, bits - index * 8))
      let wanted = index < start.count ? start[index] : 0
      guard index < address.count, address[index] & mask == wanted & mask else { return false }
    }
    return true
  }
}

/// Which addresses anybody on the Internet can be reached at: all but those that the IANA special-purpose address
/// registries (RFC 6890, https://www.iana.org/assignments/iana-ipv4-special-registry and `…ipv6…`) keep for other
/// uses, and those of cloud providers' metadata services.
enum PublicAddress {
  /// True for an address, of 4 or 16 bytes in network order, that is public.
  static func admits(_ address: [UInt8]) -> Bool {
    switch address.count {
    case 4: return !special.contains { $0.contains(address) }
    case 16:
      if let four = embedded(in: address) { return admits(four) }
      return global.contains(address) && !specialOfGlobal.contains { $0.contains(address) }
    default: return false
    }
  }

  private static let special = [
    AddressRange([0], 8),  // this network
    AddressRange([10], 8),  // private
    AddressRange([100, 64], 10),  // shared by carriers; a metadata service at 100.100.100.200
    AddressRange([127], 8),  // loopback
    AddressRange([168, 63, 129, 16], 32),  // a metadata service at a public address
    AddressRange([169, 254], 16),  // link-local; metadata services at 169.254.169.254
    AddressRange([172, 16], 12),  // private
    AddressRange([192, 0, 0], 24),  // protocol assignments; a metadata service at 192.0.0.192
    AddressRange([192, 0, 2], 24),  // documentation
    AddressRange([192, 88, 99], 24),  // relays to 6to4
    AddressRange([192, 168], 16),  // private
    AddressRange([198, 18], 15),  // benchmarks
    AddressRange([198, 51, 100], 24),  // documentation
    AddressRange([203, 0, 113], 24),  // documentation
    AddressRange([224], 4),  // multicast
    AddressRange([240], 4),  // reserved, and broadcast
  ]

  /// Everything outside is loopback, link-local, private, multicast or not in use.
  private static let global = AddressRange([0x20], 3)

  private static let specialOfGlobal = [
    AddressRange([0x20, 0x01, 0x00], 23),  // protocol assignments, Teredo among them
    AddressRange([0x20, 0x01, 0x0D, 0xB8], 32),  // documentation
    AddressRange([0x3F, 0xFF], 20),  // documentation
  ]

  /// The IPv4 address that an IPv6 address leads to: mapped (RFC 4291), by NAT64 (RFC 6052), or by 6to4 (RFC 3056).
  private static func embedded(in address: [UInt8]) -> [UInt8]? {
    let mapped = AddressRange([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 96)
    let translated = AddressRange([0x00, 0x64, 0xFF, 0x9B], 96)
    if mapped.contains(address) || translated.contains(address) { return Array(address[12...]) }
    return AddressRange([0x20, 0x02], 16).contains(address) ? Array(address[2..<6]) : nil
  }
}
