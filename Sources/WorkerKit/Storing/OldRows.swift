/// What is over and old, as a store's step of pruning finds it before it removes it.
public struct OldRows: Sendable {
  /// The numbers of runs of which every job was superseded.
  public var supersededRuns: [Int64] = []
  /// The numbers of runs that ended without a dead letter.
  public var finishedRuns: [Int64] = []
  /// The numbers of runs with a dead letter.
  public var deadRuns: [Int64] = []
  /// The numbers of events.
  public var events: [Int64] = []
  public var windows: [OrderingKey] = []
  public var replays: [String] = []
  public var audit: [Int64] = []
  public var activations: [Int64] = []
  public var revisions: [String] = []
  /// The activation in force when they were found.
  public var activation: Int64 = 0

  /// Nothing.
  public init() {}

  /// True where there is nothing to remove.
  public var isEmpty: Bool {
    supersededRuns.isEmpty && finishedRuns.isEmpty && deadRuns.isEmpty && events.isEmpty && windows.isEmpty
      && replays.isEmpty && audit.isEmpty && activations.isEmpty && revisions.isEmpty
  }
}
