import Foundation

/// An account that may not write anywhere: `nobody` where the tests run as root, and the tests' own otherwise.
struct OrdinaryUser {
  private static let id = 65_534

  /// What a program's command line begins with.
  var command: [String] {
    guard getuid() == 0 else { return [] }
    return ["/usr/bin/setpriv", "--reuid=\(Self.id)", "--regid=\(Self.id)", "--clear-groups"]
  }

  /// Whether the program can be run by that account: it may not be able to reach the folder with the build.
  static var isPossible: Bool {
    get async throws {
      guard getuid() == 0 else { return true }
      return try await Command.run(["--help"], user: OrdinaryUser()).status == 0
    }
  }

  /// Gives it a file or a folder.
  func own(_ place: URL) throws {
    guard getuid() == 0 else { return }
    try FileManager.default.setAttributes(
      [.ownerAccountID: Self.id, .groupOwnerAccountID: Self.id], ofItemAtPath: place.path)
  }

  /// A new folder that it has.
  func newFolder() throws -> URL {
    let folder = try RunningServer.newFolder()
    try own(folder)
    return folder
  }

  /// Says who may do what with a file or a folder.
  static func permit(_ mode: Int, _ place: URL) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: place.path)
  }
}
