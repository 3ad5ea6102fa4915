import Dispatcher
import FoundationEssentials
import WorkerKit

/// Finds and reads the schemas of events: `events/TYPE.schema.json` in a folder of pipelines.
enum EventSchemaFiles {
  /// The schemas of a server's pipelines folder; none without a folder.
  /// - Throws: A `CommandError` when a schema is bad: without it, events that nothing checks would come in.
  static func schemas(of pipelines: String?) throws(CommandError) -> EventSchemas {
    guard let pipelines else { return EventSchemas() }
    let (schemas, problems) = EventSchemas.read(files: try read([pipelines]))
    guard problems.isEmpty else {
      throw .failed((problems.map(\.description) + ["an event's schema is not valid"]).joined(separator: "\n"))
    }
    return schemas
  }

  /// The schemas that belong to `paths`: of a folder those in its `events`, of a pipeline's file those of the folder
  /// that it stands in, and files of schemas themselves.
  static func read(_ paths: [String]) throws(CommandError) -> [(name: String, text: String)] {
    var (files, seen): ([(name: String, text: String)], Set<String>) = ([], [])
    for path in paths {
      for name in try names(for: path) where seen.insert(name).inserted {
        files.append((name, try PipelineFiles.text(of: name)))
      }
    }
    return files
  }

  /// Whether a file is one of schemas, by its name.
  static func isSchema(_ path: String) -> Bool { PipelineFolder.isSchema(path) }

  private static func names(for path: String) throws(CommandError) -> [String] {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw .failed("there is no file or folder \(path)")
    }
    if !isFolder, isSchema(path) { return [path] }
    let events = "\(isFolder ? slashed(path) : parent(of: path))\(PipelineFolder.schemaFolder)"
    guard FileManager.default.fileExists(atPath: events, isDirectory: &isFolder), isFolder else { return [] }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: events) else {
      throw .failed("cannot read the folder \(events)")
    }
    return names.sorted().filter(isSchema).map { "\(events)/\($0)" }
  }

  private static func slashed(_ path: String) -> String { path.hasSuffix("/") ? path : path + "/" }

  private static func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }
}
