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

/// Where pipeline revisions are kept: runs finish on the revision they started on, on any host.
public protocol RevisionStore: Sendable {
  /// Keeps revisions and makes them, and no others, the active ones. Activating what is active changes nothing.
  /// - Returns: The number of the activation in force.
  func activate(_ revisions: [PipelineRevision]) async throws(DriverError) -> Int64

  /// The active revisions, by name of pipeline.
  func activeRevisions() async throws(DriverError) -> [PipelineRevision]

  /// The revisions with these hashes, as far as there are such.
  func revisions(_ hashes: [RevisionHash]) async throws(DriverError) -> [PipelineRevision]
}
