import CompressionDriver
import Foundation
import Testing

/// Reads and writes frames together with the reference command, where it is installed.
@Suite("Zstandard with the zstd command", .enabled(if: ZstandardCommand.path != nil, "needs the zstd command"))
struct ZstandardCommandTests {
  @Test func theCommandReadsOurFrames() throws {
    let bytes = ZstandardTests.text(10_000)
    #expect(try ZstandardCommand.run(["-d"], input: Zstandard.compress(bytes)) == bytes)
  }

  @Test(arguments: [["-1"], ["-19"], ["-3", "--no-check"], ["-9", "--no-content-size"]])
  func weReadTheCommandsFrames(options: [String]) throws {
    let bytes = ZstandardTests.text(10_000)
    let frame = try ZstandardCommand.run(options, input: bytes)
    #expect(try Zstandard.decompress(frame, limit: bytes.count) == bytes)
    #expect(throws: CompressionError(code: .outputTooLarge)) {
      try Zstandard.decompress(frame, limit: bytes.count - 1)
    }
  }
}

enum ZstandardCommand {
  static let path = ["/usr/bin/zstd", "/usr/local/bin/zstd", "/opt/homebrew/bin/zstd"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// What the command writes for `input`; files stand on both sides, so that no pipe can fill up.
  static func run(_ options: [String], input: [UInt8]) throws -> [UInt8] {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appending(path: "in")
    let target = folder.appending(path: "out")
    try Data(input).write(to: source)
    let process = Process()
    process.executableURL = URL(filePath: try #require(path))
    process.arguments = ["-q"] + options + [source.path(), "-o", target.path()]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return Array(try Data(contentsOf: target))
  }
}
