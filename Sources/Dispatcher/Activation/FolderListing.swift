/// What a folder of pipeline files holds at one moment.
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
}
