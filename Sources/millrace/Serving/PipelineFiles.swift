import Dispatcher
import FoundationEssentials
import WorkerKit

/// Finds and reads pipeline files.
enum PipelineFiles {
  /// The files that `paths` name: each a file, or a folder whose `.yaml` and `.yml` files count, but for tests of
  /// pipelines (`NAME.test.yaml`).
  static func read(_ paths: [String]) throws(CommandError) -> [(name: String, text: String)] {
    var files: [(name: String, text: String)] = []
    for path in paths {
      for name in try names(at: path) { files.append((name, try text(of: name))) }
    }
    return files
  }

  private static func names(at path: String) throws(CommandError) -> [String] {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw .failed("there is no file or folder \(path)")
    }
    guard isFolder else { return [path] }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw .failed("cannot read the folder \(path)")
    }
    return names.sorted().filter(PipelineFolder.isPipeline).map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
  }

  /// The text of a file.
  static func text(of path: String) throws(CommandError) -> String {
    let bytes = try ReadableFile.bytes(of: path)
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .failed("\(path) is not UTF-8") }
    return text
  }
}
