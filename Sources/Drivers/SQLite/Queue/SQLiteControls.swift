import Synchronization
import WorkerKit

/// What is paused and limited, as the file has it: one row. Most transactions find the bytes that they know already,
/// and parse nothing.
final class SQLiteControls: Sendable {
  private let known = Mutex<(bytes: [UInt8], controls: QueueControls)?>(nil)

  /// What is in force.
  func read(_ transaction: SQLiteTransaction) throws(DriverError) -> QueueControls {
    let row = try transaction.connection.statement("SELECT version, content FROM controls")
      .one { row throws(DriverError) in (version: row.integer(0), content: row.bytes(1)) }
    guard let row else { return QueueControls() }
    let last = known.withLock { $0 }
    if let last, last.controls.version == row.version, last.bytes == row.content { return last.controls }
    let controls = QueueControls(version: row.version, stored: try JSON(stored: row.content))
    known.withLock { $0 = (row.content, controls) }
    return controls
  }

  /// Takes controls, unless the file has newer ones or the same; true where they were taken.
  func take(_ controls: QueueControls, in transaction: SQLiteTransaction) throws(DriverError) -> Bool {
    let before = try read(transaction)
    guard controls.version >= before.version, controls != before else { return false }
    try replace(controls, in: transaction)
    return true
  }

  /// Takes controls, whatever the file has.
  func replace(_ controls: QueueControls, in transaction: SQLiteTransaction) throws(DriverError) {
    try transaction.run(
      "INSERT OR REPLACE INTO controls (id, version, content) VALUES (1, ?1, ?2)", .integer(controls.version),
      .bytes(controls.stored.bytes()))
  }
}

extension QueueControls {
  fileprivate var stored: JSON {
    let limits = limits.map { name, rule in
      var members: [String: JSON] = [:]
      members["slots"] = rule.concurrency.map { .integer(Int64($0)) }
      if let rate = rule.rate {
        members["count"] = .integer(Int64(rate.count))
        members["per"] = .integer(rate.per.microseconds)
        members["burst"] = .integer(Int64(rate.burst))
      }
      return (name.rawValue, JSON.object(members))
    }
    return [
      "limits": .object(Dictionary(uniqueKeysWithValues: limits)),
      "paused": .array(paused.sorted().map { .string($0.description) }),
    ]
  }

  fileprivate init(version: Int64, stored: JSON) {
    self.init(version: version)
    guard case .object(let members) = stored else { return }
    if case .object(let rules)? = members["limits"] {
      for (name, rule) in rules { limits[LimitName(name)] = LimitRule(stored: rule) }
    }
    guard case .array(let scopes)? = members["paused"] else { return }
    for case .string(let text) in scopes {
      if let scope = PauseScope(text) { paused.insert(scope) }
    }
  }
}

extension LimitRule {
  fileprivate init(stored: JSON) {
    self.init()
    guard case .object(let members) = stored else { return }
    if case .integer(let slots)? = members["slots"] { concurrency = Int(slots) }
    guard case .integer(let count)? = members["count"], case .integer(let per)? = members["per"],
      case .integer(let burst)? = members["burst"]
    else { return }
    rate = Rate(Int(count), per: .microseconds(per), burst: Int(burst))
  }
}
