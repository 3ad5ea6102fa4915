/// `serial_by`: jobs of one key are worked on one at a time, in the order in which their events were accepted. Retries
/// keep their turn.
public struct SerialPolicy: Sendable, Hashable {
  /// What has a line of its own, by tenant, pipeline and stage; refers to the event alone, since turns are taken when
  /// the run begins.
  public let key: Template
  /// What a dead letter at the head of its line means for those behind it.
  public let onDead: OnDead

  /// What follows a dead letter.
  public enum OnDead: String, Sendable, Hashable, CaseIterable {
    /// The next one has its turn.
    case skip
    /// The line waits until a person has replayed or resolved it.
    case block
  }

  /// Describes a policy.
  public init(key: Template, onDead: OnDead = .skip) {
    self.key = key
    self.onDead = onDead
  }
}
