/// Which runs a page shall hold, the newest first.
public struct RunFilter: Sendable, Hashable {
  /// Only runs that stand so.
  public var state: RunStanding.State?
  public var tenant: TenantID?
  public var pipeline: PipelineName?
  /// Only runs that this replay has made.
  public var replay: ReplayID?
  /// Only runs older than this one: where the page before ended.
  public var before: RunID?
  /// The most runs wanted; 1 to 1,000.
  public var limit: Int

  /// Describes a page; `limit` is brought into 1 … 1,000.
  public init(
    state: RunStanding.State? = nil, tenant: TenantID? = nil, pipeline: PipelineName? = nil, replay: ReplayID? = nil,
    before: RunID? = nil, limit: Int = 100
  ) {
    self.state = state
    self.tenant = tenant
    self.pipeline = pipeline
    self.replay = replay
    self.before = before
    self.limit = min(max(1, limit), 1000)
  }
}
