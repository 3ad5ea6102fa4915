import FoundationEssentials
import Glibc
import WorkerKit

/// A folder of pipeline files, or one file alone, and the schemas of events that stand beside them.
public struct PipelineFolder: Sendable {
  /// Where it is, as it was given.
  public let path: String

  /// Names a folder; it need not be there yet.
  public init(_ path: String) { self.path = path }

  /// Why a folder cannot be looked at.
  public enum LookError: Error, Sendable, Hashable {
    /// There is nothing at its path.
    case missing
    /// It is there and may not be read.
    case unreadable
  }

  /// Whether a file of this name in a folder is a pipeline: `.yaml` or `.yml`, no hidden file, no test of a pipeline.
  public static func isPipeline(_ name: String) -> Bool {
    isYAML(name) && !isTest(name)
  }

  /// Whether a file of this name is a test of a pipeline: `media.test.yaml`.
  public static func isTest(_ name: String) -> Bool {
    isYAML(name) && name.split(separator: ".").dropLast().last == "test"
  }

  private static func isYAML(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count >= 2 && parts[0] != "" && ["yaml", "yml"].contains(parts.last)
  }

  /// The folder of schemas within a folder of pipelines.
  public static let schemaFolder = "events"

  /// Whether a file of this path is a schema of events, by its name: `MediaUploaded.schema.json`, and no hidden file.
  public static func isSchema(_ path: String) -> Bool {
    path.hasSuffix(EventSchemas.fileEnding) && path.split(separator: "/").last?.hasPrefix(".") == false
  }

  /// Reads everything that it holds. A file that cannot be read is told of in its place.
  public func look() throws(LookError) -> FolderListing {
    var files: [String: FolderListing.File] = [:]
    for path in try paths() {
      // One that has gone in between is looked for again the next time.
      if let file = Self.file(at: path) { files[path] = file }
    }
    return FolderListing(files: files)
  }

  private func paths() throws(LookError) -> [String] {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw .missing }
    guard isFolder else { return try [path] + schemas(in: path.lastIndex(of: "/").map { String(path[...$0]) } ?? "") }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { throw .unreadable }
    let folder = path.hasSuffix("/") ? path : path + "/"
    return try names.filter(Self.isPipeline).map { folder + $0 } + schemas(in: folder)
  }

  private func schemas(in folder: String) throws(LookError) -> [String] {
    let events = folder + Self.schemaFolder
    var isFolder = false
    guard FileManager.default.fileExists(atPath: events, isDirectory: &isFolder), isFolder else { return [] }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: events) else { throw .unreadable }
    return names.filter(Self.isSchema).map { "\(events)/\($0)" }
  }

  private static func file(at path: String) -> FolderListing.File? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return FolderListing.File(
      size: Int64(status.st_size),
      modified: Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec),
      content: content(of: path))
  }

  /// At most one byte more than a pipeline file may have, so that one that is far too large costs no memory.
  private static func content(of path: String) -> FolderListing.Content {
    guard let file = fopen(path, "rbe") else { return .unreadable("the file cannot be read") }
    defer { fclose(file) }
    let bytes = [UInt8](unsafeUninitializedCapacity: PipelineLimits.fileBytes + 1) { buffer, count in
      count = fread(buffer.baseAddress, 1, buffer.count, file)
    }
    guard ferror(file) == 0 else { return .unreadable("the file cannot be read") }
    if let text = String(validating: bytes, as: UTF8.self) { return .text(text) }
    // One that is too large may have been cut within a character: its size is what is wrong with it.
    guard bytes.count > PipelineLimits.fileBytes else { return .unreadable("the file is not UTF-8") }
    return .text(String(decoding: bytes, as: UTF8.self))
  }
}
