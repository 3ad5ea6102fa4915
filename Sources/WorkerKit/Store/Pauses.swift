/// A scope that is paused.
public struct Pause: Sendable, Hashable {
  public let scope: PauseScope
  /// Since when.
  public let at: Timestamp
  /// Who paused it.
  public let by: String
  /// Why.
  public let reason: String

  /// Describes a pause.
  public init(_ scope: PauseScope, at moment: Timestamp, by: String, reason: String) {
    self.scope = scope
    at = moment
    self.by = by
    self.reason = reason
  }
}

/// Everything that is paused at one moment.
public struct Pauses: Sendable, Hashable {
  /// Grows with every change; 0 before the first.
  public let version: Int64
  /// In the order of their scopes.
  public let pauses: [Pause]

  /// Describes what is paused; without arguments, nothing is.
  public init(version: Int64 = 0, _ pauses: [Pause] = []) {
    self.version = version
    self.pauses = pauses.sorted { $0.scope < $1.scope }
  }

  /// What a queue has to know of them.
  public var scopes: Set<PauseScope> { Set(pauses.map(\.scope)) }

  /// The pause that holds a waiting job back: that of its queue before those of its pipeline, its stage and its tenant;
  /// nil where none does.
  public func holding(_ job: Job) -> Pause? {
    guard !pauses.isEmpty else { return nil }
    let scopes: [PauseScope] = [
      .queue(job.queue), .pipeline(job.pipeline), .stage(job.pipeline, job.stage), .tenant(job.tenant),
    ]
    return scopes.lazy.compactMap { scope in pauses.first { $0.scope == scope } }.first
  }
}

/// What a person did to a scope.
public struct PauseDeed: Sendable, Hashable {
  /// What was done.
  public enum Action: String, Sendable, Hashable {
    case pause, resume
  }

  /// A later deed has a larger number.
  public let number: Int64
  public let at: Timestamp
  /// Who asked.
  public let by: String
  public let action: Action
  public let scope: PauseScope
  /// Why.
  public let reason: String

  /// Describes what was done.
  public init(
    number: Int64, at moment: Timestamp, by: String, action: Action, scope: PauseScope, reason: String
  ) {
    self.number = number
    at = moment
    self.by = by
    self.action = action
    self.scope = scope
    self.reason = reason
  }
}
