import Foundation
import TestProcesses
import Testing

/// A small file of a large picture that has to be held in memory as a whole: black, interlaced, 16 bits a channel.
enum InterlacedPNG {
  /// Written by Python's zlib, the compressor that every test machine has.
  static func blank(side: Int) async throws -> Data {
    let result = try await Program.python(script, [String(side)]).run()
    try #require(result.status == 0 && !result.bytes.isEmpty, "\(result.errors)")
    return result.bytes
  }

  /// The seven passes of Adam7, PNG specification section 8.1, each row of zeros behind a filter byte.
  private static let script = """
    import struct, sys, zlib
    side = int(sys.argv[1])
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    packer, packed = zlib.compressobj(1), []
    for x, y, dx, dy in ((0,0,8,8), (4,0,8,8), (0,4,4,8), (2,0,4,4), (0,2,2,4), (1,0,2,2), (0,1,1,2)):
        row = bytes(1 + 8 * ((side - x + dx - 1) // dx))
        for _ in range((side - y + dy - 1) // dy):
            packed.append(packer.compress(row))
    packed.append(packer.flush())
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 16, 6, 0, 0, 1))
    sys.stdout.buffer.write(b"\\x89PNG\\r\\n\\x1a\\n" + header
        + chunk(b"IDAT", b"".join(packed)) + chunk(b"IEND", b""))
    """
}
