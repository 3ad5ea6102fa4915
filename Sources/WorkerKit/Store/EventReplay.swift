/// The id of one replay of events: a ULID, or any text of 1 to 128 characters that whoever asks has chosen.
public struct ReplayID: TextName {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
}

/// A person's wish to have recorded events start runs again.
///
/// The events stay as they are; each starts new runs, of whatever pipelines the planner says, that carry the replay's
/// id. New runs have new jobs, so that their workers' effects happen again: that is what a replay is for. An event is
/// replayed once by one id, so that asking again with the same id does what is left and nothing twice.
public struct EventReplay: Sendable, Hashable {
  public let id: ReplayID
  /// The events, by their places in the order of acceptance.
  public let events: [Int64]
  /// Who asks.
  public let by: String
  /// Why.
  public let reason: String

  /// Describes a wish.
  public init(id: ReplayID, events: [Int64], by: String, reason: String) {
    self.id = id
    self.events = events
    self.by = by
    self.reason = reason
  }
}

/// The answer to one event of a replay.
public enum EventReplayAnswer: String, Sendable, Hashable {
  /// It has started new runs.
  case replayed
  /// This replay has started its runs before.
  case known
  /// No pipeline takes it now.
  case unmatched
  /// It waits to be routed, and will start its runs without a replay.
  case unrouted
  /// There is no such event; it may have left by age.
  case missing
  /// The planner threw.
  case failed
}

/// What a replay of events came to.
public struct EventReplayResult: Sendable {
  public let answers: [EventReplayAnswer]
  /// Runs created.
  public let runs: Int
  public let handoff: Handoff?
  /// Jobs that ended because of it without an attempt, as they stand now: for `JobEndings`.
  public let ended: [Job]

  /// Describes a result.
  public init(answers: [EventReplayAnswer], runs: Int, handoff: Handoff?, ended: [Job] = []) {
    self.answers = answers
    self.runs = runs
    self.handoff = handoff
    self.ended = ended
  }
}
