/// How much may wait before less is let in. What has filled up to a mark counts as full until a tenth of it is gone.
public struct HighWater: Sendable, Hashable {
  /// The most jobs that wait in one queue, those whose time has not come included, while events are still routed.
  public let jobs: Int
  /// The most events that wait to be routed while more are taken in.
  public let events: Int

  /// What is let wait where nobody has said otherwise: a million of each.
  public static let standard = HighWater(jobs: 1_000_000, events: 1_000_000)

  /// Sets the marks, each at least 1.
  public init(jobs: Int, events: Int) {
    self.jobs = max(1, jobs)
    self.events = max(1, events)
  }
}

/// How far something has filled up.
struct WaterLevel: Sendable, Hashable {
  let mark: Int
  /// What was counted, and what has been added since.
  private(set) var count = 0
  /// True from the count that reached the mark until the one that found it a tenth lower.
  private(set) var isFull = false

  init(mark: Int) { self.mark = mark }

  /// Where it is no longer full.
  var low: Int { mark - max(1, mark / 10) }

  /// What there is room for; nothing while it is full.
  var room: Int { isFull ? 0 : max(0, mark - count) }

  /// True where what was added may have filled it, which only counting can tell.
  var isDoubtful: Bool { !isFull && room == 0 }

  /// How near it is to its mark: 0 up to the low one, 1 at the high one.
  var strain: Double { min(1, max(0, Double(count - low) / Double(mark - low))) }

  /// Notes what was counted.
  mutating func note(_ counted: Int) {
    count = counted
    isFull = counted >= mark || (isFull && counted > low)
  }

  /// Notes what has come since, or gone.
  mutating func add(_ change: Int) { count = max(0, count + change) }
}
