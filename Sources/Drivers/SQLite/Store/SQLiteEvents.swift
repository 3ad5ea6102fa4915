public import WorkerKit

/// The events table within one transaction.
struct SQLiteEvents {
  private let transaction: SQLiteTransaction
  private let now: Timestamp
  private let insertion: SQLiteStatement
  /// The number of the next event: numbers have no gaps above the last that was routed, and none is given twice.
  private var next: Int64

  init(transaction: SQLiteTransaction, now: Timestamp) throws(DriverError) {
    self.transaction = transaction
    self.now = now
    next = try SQLiteRouting.last(transaction) + 1
    insertion = try transaction.connection.statement(
      """
      INSERT INTO events (sequence, id, tenant, source, recorded_at, envelope) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT DO NOTHING
      """)
  }

  /// Keeps an event and gives its number; nil when it is a duplicate.
  mutating func insert(_ event: EventEnvelope, bytes: [UInt8]) throws(DriverError) -> Int64? {
    insertion.bind(1, next)
    insertion.bind(2, event.id.rawValue)
    insertion.bind(3, event.tenant.rawValue)
    insertion.bind(4, event.source)
    insertion.bind(5, now)
    insertion.bind(6, bytes)
    try insertion.execute()
    guard transaction.connection.changes == 1 else { return nil }
    defer { next += 1 }
    return next
  }
}

extension SQLiteStore {
  public func record(_ events: [EventEnvelope]) async throws(DriverError) -> [RecordAnswer] {
    let encoded = events.map { ($0, $0.bytes) }
    let now = environment.time.now
    let numbers = try await database.write { transaction in
      var table = try SQLiteEvents(transaction: transaction, now: now)
      return try encoded.map { try table.insert($0, bytes: $1) }
    }
    recent.keep(
      zip(numbers, encoded).compactMap { number, event in
        number.map { (sequence: $0, event: event.0, bytes: event.1.count) }
      })
    return numbers.map { $0 == nil ? .duplicate : .accepted }
  }
}
