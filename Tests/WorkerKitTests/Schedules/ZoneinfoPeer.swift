import Foundation
import Testing
import WorkerKit

/// Python's zoneinfo, as a second opinion on local times.
enum ZoneinfoPeer {
  static let isInstalled = (try? run("import zoneinfo, json; print(1)", on: .null)) == .integer(1)

  /// What a script prints as JSON; it finds its input in the file that its first argument names. Files stand on both
  /// sides, so that no pipe can fill up.
  static func run(_ script: String, on input: JSON) throws -> JSON {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (source, target) = (folder.appending(path: "in"), folder.appending(path: "out"))
    try Data(input.bytes()).write(to: source)
    try Data().write(to: target)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script, source.path()]
    process.standardOutput = try FileHandle(forWritingTo: target)
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "The script runs.")
    return try JSONReader.parse(Array(try Data(contentsOf: target)))
  }
}
