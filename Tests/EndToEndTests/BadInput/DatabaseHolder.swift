import Foundation
import Testing

/// A person who has a server's database open in a `sqlite3` shell, in a transaction that lets nobody else write.
final class DatabaseHolder {
  private let process = Process()
  private let commands = Pipe()

  static let isPossible = FileManager.default.isExecutableFile(atPath: shell)
  private static let shell = "/usr/bin/sqlite3"

  /// Takes the database of a data folder, and returns when it is held.
  init(_ data: URL) throws {
    let output = Pipe()
    process.executableURL = URL(filePath: Self.shell)
    process.arguments = ["-bail", data.appending(path: "millrace.db").path]
    process.standardInput = commands
    process.standardOutput = output
    try process.run()
    // The shell keeps what it prints until it ends; what a program of its own prints comes at once.
    let text = ".timeout 10000\nBEGIN EXCLUSIVE;\n.shell echo held\n"
    try commands.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    let word = try output.fileHandleForReading.read(upToCount: 4)
    try #require(word == Data("held".utf8), "The database could not be taken.")
  }

  /// Gives it back.
  func release() throws {
    try commands.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}
