/// Decides what is granted next: by priority, then by turns of fair keys, as far as limits and pauses allow.
///
/// Pure: a driver fills in what it has of a queue, lets it take, and writes down what has changed, inside one
/// transaction. Turns are those of start-time fair queuing (Goyal, Vin, Cheng 1996): each fair key has a pass that
/// grows by what it was granted, divided by its weight; the least goes first; who comes, or comes back, begins at the
/// pass of whoever was served last. Priorities age by what passes them over: after `patience` jobs of higher ones, a
/// lower one that has something due gives one.
public struct TurnTable: Sendable {
  /// The queue's clock, in microseconds.
  public let now: Int64
  public let controls: QueueControls
  /// Lanes that have something due, as far as they were read: of each priority those whose turn is next.
  public var lanes: [LaneStanding]
  /// The pass of whoever was served last, by priority.
  public var served: [Priority: Int64]
  /// How many jobs of higher priorities were granted while one was passed over.
  public var passedOver: [Priority: Int]
  /// When the buckets of keys are full that are not.
  public var full: [LimitKey: Int64]
  /// How many jobs of each key are under way.
  public var underWay: [LimitKey: Int]

  /// How many jobs of higher priorities go before one of a lower.
  public static let patience = 16

  /// So many of the oldest jobs of a lane.
  public struct Take: Hashable, Sendable {
    /// The lane's number.
    public let lane: Int64
    public let count: Int
  }

  /// Describes a queue as it stands.
  public init(
    now: Int64, controls: QueueControls, lanes: [LaneStanding], served: [Priority: Int64] = [:],
    passedOver: [Priority: Int] = [:], full: [LimitKey: Int64] = [:], underWay: [LimitKey: Int] = [:]
  ) {
    self.now = now
    self.controls = controls
    self.lanes = lanes
    self.served = served
    self.passedOver = passedOver
    self.full = full
    self.underWay = underWay
  }

  /// Takes up to `wanted` jobs, and notes in `lanes`, `full`, `underWay`, `served`, `passedOver` what follows from
  /// that.
  /// - Returns: What to grant, in order; a lane may come several times.
  public mutating func take(_ wanted: Int) -> [Take] {
    var (takes, left, order) = ([Take](), wanted, TurnOrder(lanes))
    while left > 0, let priority = nextPriority(order), let index = order.next(of: priority, lanes) {
      let share = (left + order.count(of: priority) - 1) / order.count(of: priority)
      let most = min(left, share, lanes[index].available, untilAged(below: priority, order))
      let count = hold(index, wanting: isAged(priority, order) ? 1 : most)
      if count > 0 {
        grant(count, of: index, order)
        takes.append(Take(lane: lanes[index].id, count: count))
        left -= count
      }
      if count == 0 || lanes[index].available == 0 { order.remove(index, of: priority) }
    }
    return takes
  }

  private func isAged(_ priority: Priority, _ order: TurnOrder) -> Bool {
    passedOver[priority, default: 0] >= Self.patience && order.priorities.contains { $0 < priority }
  }

  /// The highest priority with something to give, unless a lower one was passed over often enough.
  private func nextPriority(_ order: TurnOrder) -> Priority? {
    let aged = order.priorities.dropFirst().filter { passedOver[$0, default: 0] >= Self.patience }
    return aged.max { passedOver[$0, default: 0] < passedOver[$1, default: 0] } ?? order.priorities.first
  }

  /// How many jobs may go before a lower priority has to give one.
  private func untilAged(below priority: Priority, _ order: TurnOrder) -> Int {
    order.priorities.filter { $0 > priority }
      .map { max(1, Self.patience - passedOver[$0, default: 0]) }.min() ?? .max
  }

  /// How many of `wanted` jobs a lane may give now. Where it is none, the lane is held.
  private mutating func hold(_ index: Int, wanting wanted: Int) -> Int {
    guard !controls.isPaused(lanes[index].lane) else {
      lanes[index].hold = .paused
      return 0
    }
    var allowed = wanted
    for key in lanes[index].lane.limits {
      guard let rule = controls.limits[key.limit] else { continue }
      if let concurrency = rule.concurrency {
        let free = max(0, concurrency - underWay[key, default: 0])
        if free == 0 { lanes[index].hold = .slot(key) }
        allowed = min(allowed, free)
      }
      guard let rate = rule.rate else { continue }
      let full = full[key] ?? now
      let tokens = rate.allowed(at: now, full: full)
      if tokens == 0, lanes[index].hold == nil { lanes[index].hold = .until(rate.next(after: full)) }
      allowed = min(allowed, tokens)
    }
    return allowed
  }

  private mutating func grant(_ count: Int, of index: Int, _ order: TurnOrder) {
    let (standing, priority) = (lanes[index], lanes[index].priority)
    served[priority] = max(served[priority, default: 0], standing.pass)
    for key in standing.lane.limits {
      underWay[key, default: 0] += count
      guard let rate = controls.limits[key.limit]?.rate else { continue }
      full[key] = rate.full(after: full[key] ?? now, taking: count, at: now)
    }
    let pass = standing.pass + standing.cost(of: count)
    for other in order.kin(of: index) { lanes[other].pass = pass }
    lanes[index].available -= count
    passedOver[priority] = 0
    for lower in order.priorities where lower > priority { passedOver[lower, default: 0] += count }
  }
}
