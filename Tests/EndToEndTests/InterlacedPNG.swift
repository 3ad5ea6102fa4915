import Foundation
import Testing

/// A small file of a large picture that has to be held in memory as a whole: black, interlaced, 16 bits a channel.
enum InterlacedPNG {
  /// Written by Python's zlib, the compressor that every test machine has.
  static func blank(side: Int) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script, String(side)]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0 && !data.isEmpty)
    return data
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
