import CompressionDriver
import Testing

@Suite("Zstandard")
struct ZstandardTests {
  /// 40 bytes of text that compress, repeated.
  static func text(_ count: Int) -> [UInt8] {
    Array(String(repeating: "The mill grinds while the water runs. 42", count: count).utf8)
  }

  @Test(arguments: [0, 1, 2, 1_000, 50_000])
  func whatIsCompressedComesBack(count: Int) throws {
    let bytes = Self.text(count)
    for level in [1, 3, 19] {
      let compressed = try Zstandard.compress(bytes, level: level)
      #expect(try Zstandard.decompress(compressed, limit: bytes.count) == bytes)
      #expect(count < 1_000 || compressed.count < bytes.count / 100)
    }
  }

  @Test func randomBytesComeBack() throws {
    let seed = UInt64.random(in: .min ... .max)
    print("Zstandard: seed \(seed)")
    var state = seed
    for size in [1, 255, 256, 131_071, 131_072, 131_073, 1_000_000] {
      let bytes = (0..<size).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
      }
      #expect(try Zstandard.decompress(Zstandard.compress(bytes), limit: size) == bytes)
    }
  }

  @Test(arguments: [-1, 0, 20, 1_000, .max])
  func otherLevelsAreRefused(level: Int) {
    #expect(throws: CompressionError(code: .invalidLevel)) { try Zstandard.compress([1], level: level) }
  }

  @Test func moreThanTheLimitIsRefused() throws {
    let bytes = Self.text(10_000)
    let compressed = try Zstandard.compress(bytes)
    for limit in [-1, 0, 1, bytes.count - 1, .min] {
      #expect(throws: CompressionError(code: .outputTooLarge)) { try Zstandard.decompress(compressed, limit: limit) }
    }
    #expect(try Zstandard.decompress(compressed, limit: .max) == bytes)
  }

  @Test func theLimitHoldsForAllFramesTogether() throws {
    let bytes = Self.text(100)
    let frame = try Zstandard.compress(bytes)
    #expect(try Zstandard.decompress(frame + frame, limit: bytes.count * 2) == bytes + bytes)
    #expect(throws: CompressionError(code: .outputTooLarge)) {
      try Zstandard.decompress(frame + frame, limit: bytes.count * 2 - 1)
    }
  }

  @Test func aBombIsRefusedWhenItNamesNoSize() {
    #expect(throws: CompressionError(code: .outputTooLarge)) {
      try Zstandard.decompress(bomb(blocks: 80_000), limit: 1_000_000)
    }
  }

  @Test func aFrameWithoutASizeIsRead() throws {
    let bytes = try Zstandard.decompress(bomb(blocks: 10), limit: 10 << 17)
    #expect(bytes == [UInt8](repeating: 0x61, count: 10 << 17))
  }

  @Test func everyTruncationIsRefused() throws {
    let compressed = try Zstandard.compress(Self.text(3) + [0, 1, 2, 3])
    for count in 0..<compressed.count {
      #expect(throws: CompressionError(code: .truncated)) {
        try Zstandard.decompress(Array(compressed.prefix(count)), limit: 1_000)
      }
    }
  }

  @Test func aFlippedBitNeverChangesTheOutput() throws {
    let bytes = Self.text(3) + [0, 1, 2, 3]
    let compressed = try Zstandard.compress(bytes)
    var noticed = 0
    for index in compressed.indices {
      for bit in 0..<8 {
        var damaged = compressed
        damaged[index] ^= 1 << UInt8(bit)
        do throws(CompressionError) {
          // Some bits mean nothing to a reader.
          let output = try Zstandard.decompress(damaged, limit: 1_000)
          #expect(output == bytes)
        } catch {
          noticed += 1
        }
      }
    }
    #expect(noticed > compressed.count * 7)
  }

  @Test func otherBytesAreCorrupt() {
    for bytes in [Array("plain text".utf8), [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0], [UInt8](repeating: 0, count: 100)] {
      #expect(throws: CompressionError(code: .corrupt)) { try Zstandard.decompress(bytes, limit: 1_000) }
    }
    #expect(throws: CompressionError(code: .corrupt)) {
      try Zstandard.decompress(Zstandard.compress([1, 2, 3]) + [1, 2, 3, 4, 5], limit: 1_000)
    }
  }

  @Test func aHugeWindowIsRefused() {
    // Magic number, descriptor, and a window descriptor that asks for 2^41 bytes (RFC 8878 section 3.1.1.1.2).
    let header: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xF8]
    #expect(throws: CompressionError(code: .windowTooLarge)) {
      try Zstandard.decompress(header + [0x01, 0x00, 0x00], limit: 1_000)
    }
  }

  @Test func onlyALackOfMemoryPasses() {
    #expect(CompressionError.Code.allCases.filter { CompressionError(code: $0).isTransient } == [.outOfMemory])
  }

  /// A frame without content size whose blocks each stand for 128 KiB of the letter a (RFC 8878 section 3.1.1.2).
  private func bomb(blocks: Int) -> [UInt8] {
    // Window descriptor 0x58 asks for 2 MiB.
    var frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58]
    for index in 1...blocks {
      let header = UInt32(index == blocks ? 1 : 0) | 1 << 1 | UInt32(1 << 17) << 3
      frame += [UInt8(header & 0xFF), UInt8(header >> 8 & 0xFF), UInt8(header >> 16), 0x61]
    }
    return frame
  }
}
