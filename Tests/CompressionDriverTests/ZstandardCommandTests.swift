import CompressionDriver
import Foundation
import TestProcesses
import Testing

/// Reads and writes frames together with the reference command, where it is installed.
@Suite("Zstandard with the zstd command", .enabled(if: ZstandardCommand.path != nil, "needs the zstd command"))
struct ZstandardCommandTests {
  @Test func theCommandReadsOurFrames() async throws {
    let bytes = ZstandardTests.text(10_000)
    #expect(try await ZstandardCommand.run(["-d"], input: Zstandard.compress(bytes)) == bytes)
  }

  @Test(arguments: [["-1"], ["-19"], ["-3", "--no-check"], ["-9", "--no-content-size"]])
  func weReadTheCommandsFrames(options: [String]) async throws {
    let bytes = ZstandardTests.text(10_000)
    let frame = try await ZstandardCommand.run(options, input: bytes)
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

  /// What the command writes for `input`. It reads a file, for only then it knows the size beforehand.
  static func run(_ options: [String], input: [UInt8]) async throws -> [UInt8] {
    let source = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try Data(input).write(to: source)
    defer { try? FileManager.default.removeItem(at: source) }
    let result = try await Program(try #require(path), ["-q", "-c"] + options + [source.path()]).run()
    #expect(result.status == 0, "\(result.errors)")
    return Array(result.bytes)
  }
}
