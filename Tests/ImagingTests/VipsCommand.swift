import Foundation
import Testing

/// The `vips` command of libvips-tools: a second reader for what the program writes and does not read itself.
enum VipsCommand {
  static let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/vips" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }
  static var isInstalled: Bool { path != nil }
  static let missing: Comment = "The vips command is missing: install libvips-tools."

  /// The colour of a pixel; `options` are libvips' own, as `[page=1]`.
  static func colour(_ file: String, x: Int, y: Int, options: String = "") throws -> [Double] {
    let process = Process()
    let output = Foundation.Pipe()
    process.executableURL = URL(filePath: try #require(path))
    process.arguments = ["getpoint", file + options, "\(x)", "\(y)"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
  }
}
