/// One state of a pipeline file.
public struct PipelineRevision: Sendable, Hashable {
  public let pipeline: PipelineName
  public let hash: RevisionHash
  /// The file's text.
  public let source: String

  /// Describes a revision.
  public init(pipeline: PipelineName, hash: RevisionHash, source: String) {
    self.pipeline = pipeline
    self.hash = hash
    self.source = source
  }
}

/// Where pipeline revisions are kept: runs finish on the revision they started on, on any host. And which of them are
/// active: which start runs.
///
/// Activations are numbered. A folder activates only what it changes itself: see `ActiveSet`, which states the rule.
public protocol RevisionStore: Sendable {
  /// Takes what a folder holds now: keeps its revisions, notes them as the folder's, and activates what the folder has
  /// changed since it was last taken. A folder that has changed nothing changes nothing, whoever activated what since.
  /// - Returns: The number of the activation in force; a new one only where the active revisions are others than
  ///   before. 0 where nothing was ever activated.
  func activate(_ offer: FolderOffer) async throws(DriverError) -> Int64

  /// Makes the revisions of an earlier activation, and no others, the active ones, as an activation of its own. No
  /// folder activates anything until a file of it is other than it was when the folder was last taken.
  /// - Returns: The number of the activation in force: a new one, or the present one where its revisions are the same.
  ///   Nil where no activation has this number, and nothing was done.
  func rollback(to number: Int64, by: String, reason: String) async throws(DriverError) -> Int64?

  /// Up to `limit` activations, newest first; with `before`, those with smaller numbers.
  func activations(before: Int64?, limit: Int) async throws(DriverError) -> [Activation]

  /// The active revisions, by name of pipeline.
  func activeRevisions() async throws(DriverError) -> [PipelineRevision]

  /// The revisions with these hashes, as far as there are such.
  func revisions(_ hashes: [RevisionHash]) async throws(DriverError) -> [PipelineRevision]
}

extension RevisionStore {
  /// Activates what a program brings along, as the folder `program`.
  /// - Returns: The number of the activation in force.
  public func activate(_ revisions: [PipelineRevision]) async throws(DriverError) -> Int64 {
    try await activate(FolderOffer(folder: "program", revisions: revisions))
  }
}
