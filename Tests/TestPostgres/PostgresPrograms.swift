import Foundation
import TestProcesses

/// PostgreSQL's own programs, and how they are run: not as root, which they refuse.
enum PostgresPrograms {
  /// The folder of the newest server on this machine.
  static func folder() throws -> String {
    let root = "/usr/lib/postgresql"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    let newest = versions.compactMap { Int($0) }.sorted(by: >).first {
      FileManager.default.isExecutableFile(atPath: "\(root)/\($0)/bin/initdb")
    }
    guard let newest else { throw Missing() }
    return "\(root)/\(newest)/bin"
  }

  /// No server is installed.
  struct Missing: Error, CustomStringConvertible {
    var description: String { "PostgreSQL's server is missing on this machine; run make packages." }
  }

  /// The words in front of a program that must not be root.
  static var asServer: [String] {
    getuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
  }

  /// Runs one of the server's programs as its user, in a folder that this user may see.
  @discardableResult
  static func run(_ program: String, _ arguments: [String], input: String = "") async throws -> String {
    let words = asServer + ["\(try folder())/\(program)"] + arguments
    return try await Program("bash", ["-c", alone, "bash"] + words, adding: ["LC_ALL": "C.UTF-8"])
      .output(input: input)
  }

  /// Foundation takes a program for ended when a descriptor closes that the program inherits, and a server that it
  /// starts would hold it open.
  private static let alone = """
    cd / && (
      for file in /proc/$BASHPID/fd/*; do
        number=${file##*/}
        if [ "$number" -gt 2 ]; then eval "exec $number>&-"; fi
      done
      exec "$@"
    )
    """
}
