/// What a folder of pipeline files holds at one moment, the schemas of its events among it.
public struct FolderListing: Sendable, Hashable {
  /// One file, and by what a change of it is seen.
  struct File: Sendable, Hashable {
    let size: Int64
    /// Nanoseconds since 1970.
    let modified: Int64
    let content: Content
  }

  /// What stands in a file.
  public enum Content: Sendable, Hashable {
    case text(String)
    /// It cannot be read; the sentence says why.
    case unreadable(String)
  }

  /// By the file's path.
  let files: [String: File]

  /// What stands in the files, by path. Two listings that differ in nothing else hold the same.
  public var contents: [String: Content] { files.mapValues(\.content) }

  /// The files of pipelines, by name.
  var pipelines: [(path: String, content: Content)] { sorted { !PipelineFolder.isSchema($0) } }

  /// The files of events' schemas, by name.
  var schemas: [(path: String, content: Content)] { sorted(PipelineFolder.isSchema) }

  private func sorted(_ isWanted: (String) -> Bool) -> [(path: String, content: Content)] {
    files.filter { isWanted($0.key) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value.content) }
  }
}
