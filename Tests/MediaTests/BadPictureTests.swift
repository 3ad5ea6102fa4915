import Foundation
import MediaWorker
import Testing
import WorkerKit

@Suite("Pictures that are none", .timeLimit(.minutes(5)))
struct BadPictureTests {
  @Test("Each is a dead letter that says why, and the next picture is served")
  func saysWhy() async throws {
    let whole = try Darkroom.picture("demo/dusk.jpg")
    let cases: [(content: [UInt8], kind: FailureKind, code: String)] = [
      (Array(whole.prefix(whole.count / 2)), .permanent, "truncated_picture"),
      (Array("This is a letter, not a picture.".utf8), .permanent, "not_a_picture"),
      ([], .permanent, "not_a_picture"),
      (Self.hugePNG, .poison, "too_many_pixels"),
    ]
    try await Darkroom.open { darkroom async throws in
      for (content, kind, code) in cases {
        try await darkroom.put(content)
        let failure = try await darkroom.failure()
        #expect(failure?.code == code)
        #expect(failure?.kind == kind)
        if kind == .poison {
          #expect(failure?.fields["width"] == "60000" && failure?.fields["max_pixels"] == "100000000")
        }
      }
      try await darkroom.put(whole)
      #expect(try await darkroom.run().artifacts.count == 3)
    }
  }

  @Test("An animation of very many frames is refused, and served where one is enough")
  func boundsFrames() async throws {
    // One pixel, with a frame's blocks ten thousand times: https://www.w3.org/Graphics/GIF/spec-gif89a.txt
    let head = Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0, 200, 60, 60, 0, 0, 0]
    let frame: [UInt8] = [0x21, 0xf9, 4, 0, 10, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]
    let bytes = head + Array(repeatElement(frame, count: 10_000).joined()) + [0x3b]
    try await Darkroom.open { darkroom async throws in
      try await darkroom.put(bytes)
      let failure = try await darkroom.failure()
      #expect(failure?.code == "too_many_frames")
      #expect(failure?.kind == .permanent)
      #expect(failure?.fields["max_frames"] == "1000")
      #expect(try await darkroom.run(["object": "uploads/picture.jpg", "animation": "first"]).artifacts.count == 1)
    }
  }

  @Test("A missing object, and a key that leads away")
  func refusesKeys() async throws {
    try await Darkroom.open { darkroom async throws in
      let missing = try await darkroom.failure()
      #expect(missing?.code == "object_not_found")
      #expect(missing?.kind == .permanent)
      let away = try await darkroom.failure(["object": "../other/picture.jpg"])
      #expect(away?.code == "invalid_object_key")
      #expect(away?.kind == .permanent)
    }
  }

  /// A PNG that announces 60,000 by 60,000 pixels: https://www.w3.org/TR/png-3/#11IHDR, the last four bytes its CRC-32.
  private static var hugePNG: [UInt8] {
    let header: [UInt8] = [0x49, 0x48, 0x44, 0x52, 0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, 8, 2, 0, 0, 0]
    let content: [UInt8] = [0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x03, 0, 0, 0, 0, 1]
    return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + [0, 0, 0, 13] + header + checksum(header)
      + [0, 0, 0, 8] + content + checksum(content)
  }

  /// CRC-32 as in Annex D of the PNG specification: https://www.w3.org/TR/png-3/#D-CRCAppendix
  private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
    let value = ~bytes.reduce(UInt32.max) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
    }
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
