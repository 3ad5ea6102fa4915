/// How a lane of one priority stands in its queue.
public struct LaneStanding: Hashable, Sendable {
  /// The driver's own number of it. Of lanes of one fair key the lowest goes first, so that a driver numbers them by
  /// who waits longest, or was served longest ago: none of them may starve.
  public let id: Int64
  public let lane: Lane
  public let priority: Priority
  /// When its fair key has its turn, in turns: the least goes first. The same for all lanes of a fair key.
  public var pass: Int64
  /// How many of its jobs are due; a driver need not count beyond what is asked for.
  public var available: Int
  /// Why nothing is taken from it; nil where something may be.
  public var hold: LaneHold?

  /// Describes a lane.
  public init(id: Int64, lane: Lane, priority: Priority, pass: Int64, available: Int, hold: LaneHold? = nil) {
    self.id = id
    self.lane = lane
    self.priority = priority
    self.pass = pass
    self.available = available
    self.hold = hold
  }

  /// What one turn of a fair key of weight 1 adds to its pass.
  public static let turn: Int64 = 1_000_000

  /// What `count` jobs add to its fair key's pass.
  public func cost(of count: Int) -> Int64 { Int64(count) * Self.turn / Int64(lane.weight) }
}

/// Why nothing is taken from a lane.
public enum LaneHold: Hashable, Sendable {
  /// Its rate lets the next job start at this moment, in microseconds of the queue's clock.
  case until(Int64)
  /// All slots of a limit's key are taken.
  case slot(LimitKey)
  /// It is paused.
  case paused
}
