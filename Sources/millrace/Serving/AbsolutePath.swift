import FoundationEssentials

/// Paths for programs that run in another folder.
enum AbsolutePath {
  /// The path from the root, whatever it began with.
  static func of(_ path: String) -> String {
    let rest = path.hasPrefix("./") ? path.dropFirst(2) : path[...]
    return path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(rest)"
  }
}
