import Foundation
import TestProcesses
import Testing

/// A person who has a server's database open in a `sqlite3` shell, in a transaction that lets nobody else write.
final class DatabaseHolder {
  private let program: RunningProgram

  static let isPossible = FileManager.default.isExecutableFile(atPath: shell)
  private static let shell = "/usr/bin/sqlite3"

  /// Takes the database of a data folder, and returns when it is held.
  init(_ data: URL) async throws {
    program = try RunningProgram(Program(Self.shell, ["-bail", data.appending(path: "millrace.db").path]))
    // The shell keeps what it prints until it ends; what a program of its own prints comes at once.
    let text = ".timeout 10000\nBEGIN EXCLUSIVE;\n.shell echo held\n"
    try program.write(Data(text.utf8))
    try #require(try await program.line() == "held", "The database could not be taken.")
  }

  /// Gives it back.
  func release() async throws {
    try program.closeInput()
    _ = try await program.end()
  }
}
