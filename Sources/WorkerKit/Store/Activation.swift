/// One numbered change of the active revisions.
public struct Activation: Sendable, Hashable {
  /// From 1; a later activation has a larger number.
  public let number: Int64
  public let at: Timestamp
  /// The folder that brought the change, or who asked to roll back.
  public let by: String
  /// Why; empty where a folder brought the change.
  public let reason: String
  /// The activation whose revisions were made active again; nil where a folder brought the change.
  public let restored: Int64?
  /// What was active from then on.
  public let revisions: [PipelineName: RevisionHash]

  /// Describes an activation.
  public init(
    number: Int64, at: Timestamp, by: String, reason: String = "", restored: Int64? = nil,
    revisions: [PipelineName: RevisionHash]
  ) {
    self.number = number
    self.at = at
    self.by = by
    self.reason = reason
    self.restored = restored
    self.revisions = revisions
  }
}
