/// Where it is kept what is paused, by whom and why: facts that outlive every process and the loss of a queue.
///
/// A queue is told of them (`QueueControls`), and it is the queue that holds jobs back: a store creates, settles and
/// hands over the jobs of a paused scope like all others.
public protocol PauseStore: Sendable {
  /// Pauses scopes in one transaction, and answers for each. One that is paused already stays as it is: whoever paused
  /// it first stands.
  func pause(_ scopes: [PauseScope], by: String, reason: String) async throws(DriverError) -> [PauseAnswer]

  /// Resumes scopes in one transaction, and answers for each.
  func resume(_ scopes: [PauseScope], by: String, reason: String) async throws(DriverError) -> [ResumeAnswer]

  /// What is paused now.
  func pauses() async throws(DriverError) -> Pauses

  /// Up to `limit` of what persons paused and resumed, newest first; with `before`, those with smaller numbers. Kept as
  /// long as the audit (`RetentionPolicy`).
  func pauseDeeds(before: Int64?, limit: Int) async throws(DriverError) -> [PauseDeed]
}

/// The answer to pausing one scope.
public enum PauseAnswer: String, Sendable, Hashable {
  /// It was not paused, and is now.
  case paused
  /// It was paused already; nothing was changed.
  case known
}

/// The answer to resuming one scope.
public enum ResumeAnswer: String, Sendable, Hashable {
  /// It was paused, and is no more.
  case resumed
  /// It was not paused; nothing was changed.
  case missing
}
