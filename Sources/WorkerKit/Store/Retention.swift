/// How long a store keeps what is over. What is still under way never leaves, whatever its age, nor what something that
/// is kept refers to.
public struct RetentionPolicy: Sendable, Hashable {
  /// Runs of which every job was superseded, with their jobs, from their end on: saves between two that count.
  public var supersededRuns: Duration
  /// Runs that ended without a dead letter, with their jobs and attempts, from their end on.
  public var finishedRuns: Duration
  /// Runs with a dead letter, from their end on. They leave by age alone, never by count, and are counted apart.
  public var deadLetters: Duration
  /// Events that were routed and whose runs have left, from their arrival on. No shorter than the window within which
  /// an event that is sent again is known as a duplicate. What a replay of events has done is kept as long, from when
  /// it was last asked for, and as long as one of its events.
  public var events: Duration
  /// What persons did and why, from the deed on. What was done to a job is kept at least as long as the job.
  public var audit: Duration
  /// Activations of pipelines, from when another took their place, so that there is something to roll back to. The one
  /// in force never leaves, nor the newest that each folder brought. No shorter than `slowestDispatcher`.
  ///
  /// A pipeline's revision leaves when no run and no activation has it any more, and no folder is known to hold it.
  public var activations: Duration

  /// The window within which an event that is sent again is known as a duplicate.
  public static let duplicateWindow = Duration.seconds(15 * 86_400)
  /// How long a dispatcher may at most go on with what was active before.
  public static let slowestDispatcher = Duration.seconds(86_400)

  /// Keeps superseded runs a day, finished runs 14 days, dead letters 90 days, events 30 days, audit 365 days and
  /// activations 90 days unless told otherwise; events at least for the duplicate window, activations at least a day.
  public init(
    supersededRuns: Duration = .seconds(86_400), finishedRuns: Duration = .seconds(14 * 86_400),
    deadLetters: Duration = .seconds(90 * 86_400), events: Duration = .seconds(30 * 86_400),
    audit: Duration = .seconds(365 * 86_400), activations: Duration = .seconds(90 * 86_400)
  ) {
    self.supersededRuns = supersededRuns
    self.finishedRuns = finishedRuns
    self.deadLetters = deadLetters
    self.events = max(events, Self.duplicateWindow)
    self.audit = audit
    self.activations = max(activations, Self.slowestDispatcher)
  }

  /// How long what a window of `coalesce` remembers is kept after it has changed last: until nothing older than that
  /// can be replayed any more. A window with a job in it never leaves.
  public var windows: Duration { max(supersededRuns, finishedRuns, deadLetters, events) }
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
  /// What windows of `coalesce` remembered.
  public var windows: Int
  /// Replays of events, all of whose events had left.
  public var eventReplays: Int
  /// Deeds of persons.
  public var audit: Int
  public var activations: Int
  /// Revisions of pipelines.
  public var revisions: Int

  /// Counts what was removed.
  public init(
    supersededRuns: Int = 0, finishedRuns: Int = 0, deadRuns: Int = 0, events: Int = 0, windows: Int = 0,
    eventReplays: Int = 0, audit: Int = 0, activations: Int = 0, revisions: Int = 0
  ) {
    self.supersededRuns = supersededRuns
    self.finishedRuns = finishedRuns
    self.deadRuns = deadRuns
    self.events = events
    self.windows = windows
    self.eventReplays = eventReplays
    self.audit = audit
    self.activations = activations
    self.revisions = revisions
  }

  /// True when there was nothing to remove.
  public var isEmpty: Bool { self == Pruned() }
}
