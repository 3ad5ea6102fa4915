/// `coalesce`: a trailing debounce by key. Of the jobs that come in quick succession the newest is worked on and the
/// others end CANCELLED as superseded; what arrives while one runs causes exactly one more.
public struct CoalescePolicy: Sendable, Hashable {
  /// What has a window of its own, by tenant, pipeline and stage.
  public let key: Template
  /// How long nothing must arrive before the newest is worked on.
  public let quiet: Duration
  /// The longest that a first arrival waits, however much follows it.
  public let maxWait: Duration
  /// What tells the newer from the older: numbers by value, texts by their bytes. Nil, missing, or of another type than
  /// what it is compared with: the order of arrival.
  public let newestBy: Reference?

  /// Describes a policy; the longest wait is at least the quiet time.
  public init(key: Template, quiet: Duration, maxWait: Duration, newestBy: Reference? = nil) {
    self.key = key
    self.quiet = quiet
    self.maxWait = max(maxWait, quiet)
    self.newestBy = newestBy
  }
}
