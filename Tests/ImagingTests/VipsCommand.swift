import Foundation
import TestProcesses
import Testing

/// The `vips` command of libvips-tools: a second reader for what the program writes and does not read itself.
enum VipsCommand {
  static let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/vips" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }
  static var isInstalled: Bool { path != nil }
  static let missing: Comment = "The vips command is missing: install libvips-tools."

  /// The colour of a pixel; `options` are libvips' own, as `[page=1]`.
  static func colour(_ file: String, x: Int, y: Int, options: String = "") async throws -> [Double] {
    let result = try await Program(try #require(path), ["getpoint", file + options, "\(x)", "\(y)"]).run()
    #expect(result.status == 0, "\(result.errors)")
    return result.output.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
  }
}
