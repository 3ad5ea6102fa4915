/// Which lanes of a table have something to give, by priority, and which share a fair key: kept by number, so that a
/// turn costs the same whatever lanes are made of.
struct TurnOrder {
  /// The priorities of which a lane has something to give, the highest first.
  private(set) var priorities: [Priority]
  private var ready: [[Int]]
  private var family: [Int] = []
  private var families: [[Int]] = []

  private struct FairKey: Hashable {
    let name: String
    let priority: Priority
  }

  /// Looks through the lanes of a table.
  init(_ lanes: [LaneStanding]) {
    var known: [FairKey: Int] = [:]
    ready = Priority.allCases.map { _ in [] }
    family.reserveCapacity(lanes.count)
    for (index, lane) in lanes.enumerated() {
      let number = known[FairKey(name: lane.lane.fairKey, priority: lane.priority), default: families.count]
      if number == families.count {
        known[FairKey(name: lane.lane.fairKey, priority: lane.priority)] = number
        families.append([])
      }
      family.append(number)
      families[number].append(index)
      if lane.hold == nil, lane.available > 0 { ready[lane.priority.rank].append(index) }
    }
    priorities = []
    priorities = Priority.allCases.filter { !ready[$0.rank].isEmpty }
  }

  /// How many lanes of a priority have something to give.
  func count(of priority: Priority) -> Int { ready[priority.rank].count }

  /// The lane of a priority whose turn is next.
  func next(of priority: Priority, _ lanes: [LaneStanding]) -> Int? {
    ready[priority.rank].min { (lanes[$0].pass, lanes[$0].id) < (lanes[$1].pass, lanes[$1].id) }
  }

  /// The lanes of the same fair key and priority, the lane itself among them.
  func kin(of index: Int) -> [Int] { families[family[index]] }

  /// Takes a lane out that gives nothing more.
  mutating func remove(_ index: Int, of priority: Priority) {
    ready[priority.rank].removeAll { $0 == index }
    if ready[priority.rank].isEmpty { priorities.removeAll { $0 == priority } }
  }
}
