/// What a person did to a job.
public struct AuditRecord: Sendable, Hashable {
  /// What was done.
  public enum Action: String, Sendable, Hashable {
    case cancel, replay
  }

  public let at: Timestamp
  /// Who asked.
  public let by: String
  public let action: Action
  /// The fence that the job had.
  public let fence: Fence
  /// Why.
  public let reason: String

  /// Describes what was done.
  public init(at moment: Timestamp, by: String, action: Action, fence: Fence, reason: String) {
    at = moment
    self.by = by
    self.action = action
    self.fence = fence
    self.reason = reason
  }
}
