import WorkerKit

/// What a push says of its entries: those that wait for nothing by rank and lane, and then the others.
struct RedisBatch: Sendable {
  /// Which entry stands at each place of the call.
  let order: [Int]
  let arguments: [String]

  init(_ entries: [QueueEntry]) {
    var (groups, others, places) = ([Group](), [Int](), [Name: Int]())
    // What is due keeps the order of the batch: where some of it is not plain, none of it is treated as such.
    let isPlain = entries.allSatisfy { $0.delay > .zero || $0.isPlain }
    for (index, entry) in entries.enumerated() {
      guard isPlain, entry.isPlain else {
        others.append(index)
        continue
      }
      // Neighbours are of one lane more often than not.
      if let last = groups.last, last.name.rank == entry.priority.rank, last.name.lane == entry.lane {
        groups[groups.count - 1].entries.append(index)
        continue
      }
      let name = Name(rank: entry.priority.rank, lane: entry.lane)
      if let place = places[name] {
        groups[place].entries.append(index)
      } else {
        places[name] = groups.count
        groups.append(Group(name: name, entries: [index]))
      }
    }
    order = groups.flatMap(\.entries) + others
    var arguments = [String(groups.count)]
    for group in groups {
      arguments += [String(group.name.rank), group.name.lane.redisText, String(group.entries.count)]
      arguments += group.entries.map { entries[$0].job.rawValue }
    }
    for index in others { arguments += Self.arguments(of: entries[index]) }
    self.arguments = arguments
  }

  private struct Name: Hashable {
    let rank: Int
    let lane: Lane
  }

  private struct Group {
    let name: Name
    var entries: [Int]
  }

  private static func arguments(of entry: QueueEntry) -> [String] {
    [
      entry.job.rawValue, String(entry.fence.rawValue), String(max(0, entry.delay.milliseconds)),
      String(entry.priority.rank), entry.lease.map { String($0.milliseconds) } ?? "", entry.lane.redisText,
    ]
  }
}

extension QueueEntry {
  /// True for what is pushed most: a new job that waits for nothing.
  fileprivate var isPlain: Bool { fence == .first && lease == nil && delay <= .zero }
}
