/// A time-limited, exclusive claim on a job.
public struct Lease: Hashable, Sendable {
  /// What the claim allows its holder to write.
  public let authority: Authority
  /// The queue that granted it.
  public let queue: QueueName
  /// How long it lasts from the moment it was asked for; a host counts from before it asked.
  public let length: Duration

  /// Describes a claim.
  public init(authority: Authority, queue: QueueName, length: Duration) {
    self.authority = authority
    self.queue = queue
    self.length = length
  }
}

/// What a host asks a queue for.
public struct LeaseRequest: Sendable {
  public let queue: QueueName
  /// The most leases wanted; at least 1.
  public let limit: Int
  /// How long each lease shall last.
  public let length: Duration
  public let host: HostID
  /// How long to wait for work when there is none.
  public let wait: Duration

  /// Describes a request.
  public init(queue: QueueName, limit: Int, length: Duration, host: HostID, wait: Duration) {
    self.queue = queue
    self.limit = max(1, limit)
    self.length = length
    self.host = host
    self.wait = wait
  }
}
