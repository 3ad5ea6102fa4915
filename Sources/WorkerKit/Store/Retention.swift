/// How long a store keeps what is over. What is still under way never leaves, whatever its age.
public struct RetentionPolicy: Sendable, Hashable {
  /// Runs of which every job was superseded, with their jobs, from their end on: saves between two that count.
  public var supersededRuns: Duration
  /// Runs that ended without a dead letter, with their jobs and attempts, from their end on.
  public var finishedRuns: Duration
  /// Runs with a dead letter, from their end on. They leave by age alone, never by count, and are counted apart.
  public var deadLetters: Duration
  /// Events that were routed and whose runs have left, from their arrival on. No shorter than the window within which
  /// an event that is sent again is known as a duplicate.
  public var events: Duration

  /// The window within which an event that is sent again is known as a duplicate.
  public static let duplicateWindow = Duration.seconds(15 * 86_400)

  /// Keeps superseded runs a day, finished runs 14 days, dead letters 90 days and events 30 days unless told
  /// otherwise; events at least for the duplicate window.
  public init(
    supersededRuns: Duration = .seconds(86_400), finishedRuns: Duration = .seconds(14 * 86_400),
    deadLetters: Duration = .seconds(90 * 86_400), events: Duration = .seconds(30 * 86_400)
  ) {
    self.supersededRuns = supersededRuns
    self.finishedRuns = finishedRuns
    self.deadLetters = deadLetters
    self.events = max(events, Self.duplicateWindow)
  }
}

/// What one step of pruning removed.
public struct Pruned: Sendable, Hashable {
  /// Runs of which every job was superseded.
  public var supersededRuns: Int
  /// Other runs that had ended without a dead letter.
  public var finishedRuns: Int
  /// Runs with a dead letter.
  public var deadRuns: Int
  public var events: Int

  /// Counts what was removed.
  public init(supersededRuns: Int = 0, finishedRuns: Int = 0, deadRuns: Int = 0, events: Int = 0) {
    self.supersededRuns = supersededRuns
    self.finishedRuns = finishedRuns
    self.deadRuns = deadRuns
    self.events = events
  }

  /// True when there was nothing to remove.
  public var isEmpty: Bool { supersededRuns == 0 && finishedRuns == 0 && deadRuns == 0 && events == 0 }
}
