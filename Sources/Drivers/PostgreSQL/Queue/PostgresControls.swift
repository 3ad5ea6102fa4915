import Synchronization
import WorkerKit

/// What is paused and limited, as the row of the open queue keeps it; a process reads it again when it has changed.
final class PostgresControls: Sendable {
  private let known = Mutex<(epoch: Epoch, stamp: Int64, controls: QueueControls)?>(nil)

  /// What is in force in the queue that the gate describes.
  func controls(
    _ gate: PostgresQueueGate, _ transaction: PostgresTransaction
  ) throws(DriverError) -> QueueControls {
    let last = known.withLock { $0 }
    if let last, last.epoch == gate.epoch, last.stamp == gate.stamp { return last.controls }
    guard let row = try transaction.rows("SELECT version, controls FROM queue_open WHERE id = 1").first else {
      throw PostgresQueueGate.notOpen
    }
    let controls = try Self.read(row.bytes(1), version: row.integer(0))
    known.withLock { $0 = (gate.epoch, gate.stamp, controls) }
    return controls
  }

  /// The controls as the row keeps them, all but their version.
  static func content(of controls: QueueControls) -> [UInt8] {
    var limits: [String: JSON] = [:]
    for (name, rule) in controls.limits {
      var members: [String: JSON] = [:]
      members["concurrency"] = rule.concurrency.map { .integer(Int64($0)) }
      if let rate = rule.rate {
        members["rate"] = [
          .integer(Int64(rate.count)), .integer(rate.per.microseconds), .integer(Int64(rate.burst)),
        ]
      }
      limits[name.rawValue] = .object(members)
    }
    let paused = controls.paused.sorted().map { JSON.string($0.description) }
    return JSON.object(["limits": .object(limits), "paused": .array(paused)]).bytes()
  }

  private static func read(_ content: [UInt8], version: Int64) throws(DriverError) -> QueueControls {
    let json = try JSON(stored: content)
    var controls = QueueControls(version: version)
    if case .object(let limits)? = json["limits"] {
      for (name, member) in limits { controls.limits[LimitName(name)] = rule(member) }
    }
    if case .array(let paused)? = json["paused"] {
      controls.paused = Set(paused.compactMap { $0.words.flatMap { PauseScope($0) } })
    }
    return controls
  }

  private static func rule(_ json: JSON) -> LimitRule {
    var rule = LimitRule()
    if case .integer(let number)? = json["concurrency"] { rule.concurrency = Int(number) }
    if case .array(let parts)? = json["rate"], parts.count == 3, case .integer(let count) = parts[0],
      case .integer(let per) = parts[1], case .integer(let burst) = parts[2]
    {
      rule.rate = Rate(Int(count), per: .microseconds(per), burst: Int(burst))
    }
    return rule
  }
}
