import FoundationEssentials
import Glibc

/// Files that commands are told to read.
enum ReadableFile {
  /// A file's bytes.
  /// - Throws: A `CommandError` that says why it cannot be read.
  static func bytes(of path: String) throws(CommandError) -> [UInt8] {
    guard let data = try? Data(contentsOf: URL(filePath: path)) else {
      throw .failed("cannot read \(path): \(reason(path))")
    }
    return Array(data)
  }

  private static func reason(_ path: String) -> String {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return "there is no such file" }
    if isFolder { return "it is a folder; name a file" }
    return access(path, R_OK) == 0 ? "it is not a file that can be read whole" : String(cString: strerror(errno))
  }
}
