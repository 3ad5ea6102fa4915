/// The history of one fence of a job: who worked under it, when, and how it ended.
///
/// A short attempt is written once, when it ends, with both its times.
public struct AttemptRecord: Sendable, Hashable {
  /// The outcome of a lease that ran out, beside the words of `Outcome`.
  public static let lost = "lost"

  public let job: JobID
  public let fence: Fence
  /// Which attempt it was, counted from 1 since the job was created or replayed; attempts that spent nothing repeat it.
  public let attempt: Int
  /// Nil where the end had no holder: a lease lost before anybody wrote.
  public let holder: Holder?
  public let host: HostID?
  public let startedAt: Timestamp?
  public let finishedAt: Timestamp
  /// `Outcome.word`, or `lost` for a lease that ran out.
  public let outcome: String
  public let failure: Failure?

  /// Puts a record together.
  public init(
    job: JobID, fence: Fence, attempt: Int, holder: Holder?, host: HostID?, startedAt: Timestamp?,
    finishedAt: Timestamp, outcome: String, failure: Failure?
  ) {
    self.job = job
    self.fence = fence
    self.attempt = attempt
    self.holder = holder
    self.host = host
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.outcome = outcome
    self.failure = failure
  }
}
