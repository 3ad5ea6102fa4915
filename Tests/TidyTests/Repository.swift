import Foundation

/// The repository that these tests lie in.
enum Repository {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Every text file with its path from the root. What is built, fetched or private is left out.
  static let files: [SourceFile] = paths(in: "").sorted().compactMap { path in
    guard let data = FileManager.default.contents(atPath: root.appending(path: path).path) else { return nil }
    return String(data: data, encoding: .utf8).map { SourceFile(path: path, text: $0) }
  }

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).standardizedFileURL.path)
  }

  private static func paths(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)) ?? []
    return names.flatMap { name -> [String] in
      guard !isForeign(name) else { return [] }
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      var isFolder: ObjCBool = false
      let isThere = FileManager.default.fileExists(atPath: root.appending(path: path).path, isDirectory: &isFolder)
      if isThere, isFolder.boolValue { return paths(in: path) }
      return isText(name) ? [path] : []
    }
  }

  private static func isForeign(_ name: String) -> Bool {
    name == ".git" || name.hasPrefix(".build") || name == ".swiftpm" || name == ".vscode" || name == "demo-data"
      || name == "Package.resolved" || name.hasSuffix(".xcodeproj")
  }

  /// What is no text by its name; of the rest, what is not UTF-8 is left out as well.
  private static func isText(_ name: String) -> Bool {
    !["jpg", "jpeg", "png", "gif", "webp", "tiff", "avif", "icc", "gz", "zst", "sqlite", "db"]
      .contains { name.hasSuffix(".\($0)") }
  }
}
