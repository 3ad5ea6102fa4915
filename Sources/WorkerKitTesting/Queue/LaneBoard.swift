internal import WorkerKit

/// The lanes of one queue, and what decides among them. Times are on the monotonic clock.
struct LaneBoard: Sendable {
  /// One lane of one priority.
  struct Name: Hashable, Sendable {
    let lane: Lane
    let priority: Priority
  }

  private struct Line: Sendable {
    var waiting = WaitingLine()
    var pass: Int64 = 0
    var isReady = false

    func isOlder(than other: Line) -> Bool {
      guard let mine = waiting.first else { return false }
      guard let its = other.waiting.first else { return true }
      return (mine.dueAt, mine.arrival) < (its.dueAt, its.arrival)
    }
  }

  private var lines: [Name: Line] = [:]
  private var served: [Priority: Int64] = [:]
  private var passedOver: [Priority: Int] = [:]
  private var full: [LimitKey: Int64] = [:]
  private var holders: [LimitKey: Set<JobID>] = [:]

  /// What a look at the lanes came to.
  struct Draw: Sendable {
    var tickets: [WaitingLine.Ticket] = []
    /// When something may be granted that may not yet.
    var next: Duration?
  }

  mutating func insert(_ ticket: WaitingLine.Ticket, in name: Name) {
    let pass = pass(of: name)
    lines[name, default: Line(pass: pass)].waiting.insert(ticket)
  }

  /// Draws up to `limit` tickets by turns; `waits` says which tickets still stand for an entry.
  mutating func draw(
    _ limit: Int, at now: Duration, under controls: QueueControls, waits: (WaitingLine.Ticket) -> Bool
  ) -> Draw {
    var draw = Draw()
    var standings: [LaneStanding] = []
    for name in lines.keys { lines[name]?.waiting.dropGone(waits) }
    // Of one fair key the lane goes first whose oldest job has waited longest.
    let names = lines.sorted { $0.value.isOlder(than: $1.value) }.map(\.key)
    for (place, name) in names.enumerated() {
      guard let line = lines[name] else { continue }
      let due = line.waiting.due(at: now, atMost: limit, waits)
      if due == 0, let next = line.waiting.first?.dueAt { draw.next = min(next, draw.next ?? next) }
      // Who comes back after a rest begins where the others are.
      let pass = line.isReady ? line.pass : max(line.pass, served[name.priority, default: 0])
      lines[name]?.isReady = due > 0
      standings.append(
        LaneStanding(id: Int64(place), lane: name.lane, priority: name.priority, pass: pass, available: due))
    }
    let underWay = holders.mapValues(\.count)
    full = full.filter { $0.value > now.microseconds }
    var table = TurnTable(
      now: now.microseconds, controls: controls, lanes: standings, served: served, passedOver: passedOver, full: full,
      underWay: underWay)
    for take in table.take(limit) {
      draw.tickets += lines[names[Int(take.lane)]]?.waiting.take(take.count, waits) ?? []
    }
    (served, passedOver, full) = (table.served, table.passedOver, table.full)
    for lane in table.lanes { settle(lane, names[Int(lane.id)], &draw) }
    return draw
  }

  /// Takes slots for a job that was granted; also of limits that say nothing of slots, since they may come to.
  mutating func hold(_ job: JobID, of lane: Lane) {
    for key in lane.limits { holders[key, default: []].insert(job) }
  }

  /// Gives back the slots of a job.
  mutating func release(_ job: JobID, of lane: Lane) {
    for key in lane.limits {
      holders[key]?.remove(job)
      if holders[key]?.isEmpty == true { holders[key] = nil }
    }
  }

  private mutating func settle(_ lane: LaneStanding, _ name: Name, _ draw: inout Draw) {
    lines[name]?.pass = lane.pass
    if case .until(let moment) = lane.hold {
      let next = Duration.microseconds(moment)
      draw.next = min(next, draw.next ?? next)
    }
    if lane.hold != nil { lines[name]?.isReady = false }
    // A fair key that is ahead of the others stays known until they have caught up.
    let isOver = lines[name]?.waiting.first == nil && lane.pass <= served[name.priority, default: 0]
    if isOver { lines[name] = nil }
  }

  private func pass(of name: Name) -> Int64 {
    let others = lines.filter { $0.key.priority == name.priority && $0.key.lane.fairKey == name.lane.fairKey }
    return max(served[name.priority, default: 0], others.values.map(\.pass).max() ?? 0)
  }
}
