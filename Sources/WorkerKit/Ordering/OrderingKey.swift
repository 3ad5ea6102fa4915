/// What a line of turns, or a window, belongs to.
public struct OrderingKey: Sendable, Hashable {
  public let tenant: TenantID
  public let pipeline: PipelineName
  public let stage: StageName
  public let key: String

  /// Names a line or a window.
  public init(tenant: TenantID, pipeline: PipelineName, stage: StageName, key: String) {
    self.tenant = tenant
    self.pipeline = pipeline
    self.stage = stage
    self.key = key
  }
}

/// What an execution belongs to: the same key of the same tenant is the same work, in whatever pipeline.
public struct ExecutionKey: Sendable, Hashable {
  public let tenant: TenantID
  public let key: String

  /// Names an execution.
  public init(tenant: TenantID, key: String) {
    self.tenant = tenant
    self.key = key
  }
}

/// A turn in a line that a run takes for one of its stages, when it begins.
public struct Turn: Sendable, Hashable {
  public let stage: StageName
  public let key: String

  /// Names a turn.
  public init(stage: StageName, key: String) {
    self.stage = stage
    self.key = key
  }
}
