import FoundationEssentials

/// Paths for programs that run in another folder.
enum AbsolutePath {
  /// The path from the root, whatever it began with.
  static func of(_ path: String) -> String {
    path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
  }
}
