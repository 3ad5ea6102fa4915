/// `batch`: how many jobs of the stage a batch worker gets at once, and how long the first waits for company.
public struct BatchPolicy: Sendable, Hashable {
  /// The most jobs in a batch; at least 1.
  public let size: Int
  /// The longest that a job waits for others.
  public let wait: Duration

  /// For stages that say nothing: up to 100 jobs, after 50 ms.
  public static let standard = BatchPolicy(size: 100, wait: .milliseconds(50))

  /// Describes a policy.
  public init(size: Int, wait: Duration) {
    self.size = max(1, size)
    self.wait = wait
  }
}
