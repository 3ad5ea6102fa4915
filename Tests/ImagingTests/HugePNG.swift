import Foundation

/// A PNG that announces a size and holds almost nothing: the decompression bomb's first bytes.
enum HugePNG {
  static func bytes(width: UInt32, height: UInt32) -> Data {
    Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
      + chunk("IHDR", big32(width) + big32(height) + Data([8, 2, 0, 0, 0]))
      + chunk("IDAT", Data([0x78, 0x9c, 0x03, 0, 0, 0, 0, 1])) + chunk("IEND", Data())
  }

  private static func chunk(_ type: String, _ content: Data) -> Data {
    let checked = Data(type.utf8) + content
    return big32(UInt32(content.count)) + checked + big32(checksum(checked))
  }

  private static func big32(_ value: UInt32) -> Data {
    Data((0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - $0 * 8)) })
  }

  /// CRC-32 as in Annex D of the PNG specification: https://www.w3.org/TR/png-3/#D-CRCAppendix
  private static func checksum(_ bytes: Data) -> UInt32 {
    ~bytes.reduce(UInt32.max) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
    }
  }
}
