import Foundation

/// The files of pipelines, in a folder of their own within a server's.
struct PipelineFiles {
  /// The server's folder.
  let folder: URL

  /// Writes files, in a new folder where none is given; `texts` go by the names of their pipelines.
  init(in folder: URL? = nil, _ texts: [String: String] = [:]) throws {
    self.folder = try folder ?? RunningServer.newFolder()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in texts { try write(text, to: "\(name).yaml") }
  }

  /// Where the files are.
  var path: String { folder.appending(path: "pipelines").path }

  /// What a server is told of them.
  var arguments: [String] { ["--pipelines", path] }

  /// Writes a file, at once, as editors do.
  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"), options: .atomic)
  }
}
