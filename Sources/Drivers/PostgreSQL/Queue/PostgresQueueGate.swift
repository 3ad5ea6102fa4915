import WorkerKit

/// In which epoch the queue is, and what time it is there.
struct PostgresQueueGate {
  let epoch: Epoch
  /// In milliseconds, by the queue's clock.
  let now: Int64
  /// Another whenever what is paused and limited has changed.
  let stamp: Int64

  /// The call that asks; it gives no row where the queue has lost its entries, or was never open.
  static func call(_ clock: PostgresQueueClock) -> PostgresCall {
    (
      "SELECT epoch, (SELECT \(PostgresQueueClock.now)), stamp FROM queue_open WHERE id = 1 AND is_open",
      [clock.parameter]
    )
  }

  /// - Throws: `postgres_queue_not_open`.
  init(_ rows: PostgresRows) throws(DriverError) {
    guard let row = rows.first else { throw Self.notOpen }
    epoch = Epoch(rawValue: row.integer(0))
    now = row.integer(1)
    stamp = row.integer(2)
  }

  static let notOpen = DriverError(
    .unavailable, "postgres_queue_not_open",
    "The database has no queue of this epoch: it was restarted, restored or replaced; a dispatcher fills it.")
}
