public import WorkerKit

/// What is held back, and why.
public struct BackPressureStanding: Sendable, Hashable {
  /// The queues that are full, with how many jobs wait in each.
  public let full: [QueueName: Int]
  /// True while the queue's server has no room for what is pushed.
  public let isOutOfRoom: Bool
  /// How many events wait to be routed.
  public let events: Int
  /// True while no events are taken in.
  public let isIntakeHeld: Bool
  /// What is let wait.
  public let highWater: HighWater

  /// True while nothing is routed.
  public var isRoutingHeld: Bool { isOutOfRoom || !full.isEmpty }

  /// What somebody should know, in sentences; nil where nothing is held back.
  public var remark: String? {
    var sentences = full.sorted { $0.key < $1.key }.map { name, count in
      "Nothing is routed while queue \(name.rawValue) is full: \(count) jobs wait in it, of \(highWater.jobs)."
    }
    if isOutOfRoom { sentences.append("Nothing is routed while the queue's server has no room.") }
    if isIntakeHeld {
      sentences.append("No events are taken in while \(events) wait to be routed, of \(highWater.events).")
    }
    return sentences.isEmpty ? nil : sentences.joined(separator: " ")
  }
}
