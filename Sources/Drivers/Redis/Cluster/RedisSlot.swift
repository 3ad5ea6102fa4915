/// The hash slots by which a cluster shares out its keys, as the Redis Cluster specification defines them
/// (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec, "Key distribution model"): CRC-16/XMODEM
/// of the key, modulo 16384.
enum RedisSlot {
  static let count = 16_384

  /// A key's slot. Where the key has something in its first braces, that alone counts.
  static func of(_ key: String) -> Int { Int(checksum(tag(of: Array(key.utf8))[...])) % count }

  private static func tag(of key: [UInt8]) -> ArraySlice<UInt8> {
    guard let start = key.firstIndex(of: UInt8(ascii: "{")),
      let end = key[(start + 1)...].firstIndex(of: UInt8(ascii: "}")), end > start + 1
    else { return key[...] }
    return key[(start + 1)..<end]
  }

  /// Polynomial 0x1021, begun with 0, neither bytes nor result mirrored.
  static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt16 {
    bytes.reduce(UInt16(0)) { sum, byte in
      (0..<8).reduce(sum ^ UInt16(byte) << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
    }
  }
}
