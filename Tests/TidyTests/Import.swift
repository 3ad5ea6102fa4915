import Foundation

/// An import declaration of a Swift file.
struct Import {
  let line: Int
  /// The module, without a submodule or symbol.
  let module: String
  let isInternal: Bool

  /// The imports of a file, in order.
  static func of(_ file: SourceFile) -> [Import] {
    guard file.isSwift else { return [] }
    return file.code.enumerated().compactMap { index, line in
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(of: "import"), place + 1 < words.count else { return nil }
      let before = words[..<place]
      guard before.allSatisfy({ $0.hasPrefix("@") || ["internal", "public", "package", "private"].contains($0) }) else {
        return nil
      }
      let module = words[place + 1].prefix { $0 != "." }
      return Import(line: index + 1, module: String(module), isInternal: before.contains("internal"))
    }
  }
}

extension SourceFile {
  /// The folder of the target that a file of Sources belongs to: `Sources/Drivers/SQLite`.
  var target: String {
    let parts = path.split(separator: "/")
    let isGrouped = parts.count > 2 && ["Drivers", "Workers", "CLibraries"].contains(parts[1])
    return parts.prefix(isGrouped ? 3 : 2).joined(separator: "/")
  }
}
