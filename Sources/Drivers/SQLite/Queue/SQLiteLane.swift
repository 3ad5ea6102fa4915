import WorkerKit

/// A lane of one queue and priority, as an entry names it.
struct SQLiteLaneName: Hashable {
  let queue: String
  let priority: Int64
  let lane: Lane

  init(queue: String, priority: Int64, lane: Lane) {
    self.queue = queue
    self.priority = priority
    self.lane = lane
  }

  init(_ entry: QueueEntry) {
    self.init(queue: entry.queue.rawValue, priority: Int64(entry.priority.rank), lane: entry.lane)
  }
}

/// Why nothing is taken from a lane, as its row says it.
enum SQLiteHold: Int64 {
  /// Something may be.
  case ready = 0
  /// Nothing in it is due yet.
  case delayed = 1
  /// A limit's key lets nothing through.
  case limited = 2
  case paused = 3
}

/// What a fair key has, as its row says it.
enum SQLiteStanding: Int64 {
  /// Lanes, of which none is ready.
  case held = 0
  case ready = 1
  /// No lane; it is kept while it is ahead of the others.
  case idle = 2
}

extension Lane {
  /// What its row keeps beside names: nothing, for a lane of weight 1 without limits.
  var storedFlow: [UInt8] {
    weight == 1 && limits.isEmpty ? [] : JobOrdering(flow: JobFlow(weight: weight, limits: limits)).json.bytes()
  }

  /// What the row of a lease keeps, to give back slots: nil for a job without limits.
  var storedLimits: [UInt8]? { limits.isEmpty ? nil : storedFlow }

  /// Reads what `storedFlow` wrote.
  static func flow(stored bytes: [UInt8]) throws(DriverError) -> JobFlow? {
    bytes.isEmpty ? nil : JobOrdering(json: try JSON(stored: bytes))?.flow
  }
}

extension LimitKey {
  /// The key as columns: limit, key.
  var values: [SQLiteValue] { [.text(limit.rawValue), .text(key)] }
}

extension Timestamp {
  /// The moment in microseconds, in which rates are counted.
  var microseconds: Int64 { milliseconds * 1000 }

  /// The first whole millisecond that is not before a moment in microseconds.
  init(notBefore microseconds: Int64) { self.init(milliseconds: (microseconds + 999) / 1000) }
}
