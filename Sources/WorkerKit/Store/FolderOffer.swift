/// What a folder of pipeline files holds now, as far as its files can be read.
public struct FolderOffer: Sendable, Hashable {
  /// Which of its pipelines a folder says nothing about, because a file is bad.
  public enum Kept: Sendable, Hashable {
    /// These: whatever the folder held of them it is taken to hold still.
    case pipelines(Set<PipelineName>)
    /// All that it does not offer: it cannot be told which pipeline a bad file stands for.
    case all
  }

  /// Who brings it. Two folders that may differ need two names; a folder that moves keeps its own.
  public let folder: String
  /// The revisions of its good files, of each pipeline one.
  public let revisions: [PipelineRevision]
  public let kept: Kept

  /// Describes what a folder holds.
  public init(folder: String, revisions: [PipelineRevision], kept: Kept = .pipelines([])) {
    self.folder = folder
    self.revisions = revisions
    self.kept = kept
  }
}
