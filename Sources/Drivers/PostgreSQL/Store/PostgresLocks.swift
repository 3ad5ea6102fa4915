import WorkerKit

/// Advisory locks, held until the transaction ends: what is not a row of its own.
///
/// Unlike a lock on a row, a shared one writes nothing, however many hold it.
enum PostgresLocks {
  /// What a lock is for; the first number of its name, apart from those of other programs in the same database.
  private enum Space: Int64 {
    case single = 5_170_001
    case ordering = 5_170_002
    case queue = 5_170_003
  }

  /// Of which there is one.
  enum Single: Int64 {
    /// Shared by who writes for an attempt, alone by who begins an epoch.
    case epoch = 1
    /// Events are routed one batch after the other, in the order in which they were accepted.
    case routing
    case partitions
    case activation
  }

  /// Waits until nobody else holds it.
  static func exclusive(_ lock: Single) -> PostgresCall {
    (
      "SELECT pg_advisory_xact_lock($1::bigint::integer, $2::bigint::integer)",
      [.integer(Space.single.rawValue), .integer(lock.rawValue)]
    )
  }

  /// Waits until nobody holds it alone.
  static func shared(_ lock: Single) -> PostgresCall {
    (
      "SELECT pg_advisory_xact_lock_shared($1::bigint::integer, $2::bigint::integer)",
      [.integer(Space.single.rawValue), .integer(lock.rawValue)]
    )
  }

  /// Waits for the locks of keys by which jobs are ordered, by their sorted places.
  static func keys(_ places: [Int64]) -> PostgresCall {
    (
      "SELECT pg_advisory_xact_lock($1::bigint::integer, place::integer) FROM unnest($2::bigint[]) AS place",
      [.integer(Space.ordering.rawValue), .integers(places)]
    )
  }

  /// Waits until nobody opens the queue, nor leases from the queues of these sorted places.
  static func queues(_ places: [Int64]) -> PostgresCall {
    (
      "SELECT pg_advisory_xact_lock_shared($1::bigint::integer, place::integer) FROM unnest($2::bigint[]) AS place",
      [.integer(Space.queue.rawValue), .integers([0] + places)]
    )
  }

  /// Waits until nobody opens the queue, nor pushes to or leases from the one of this place.
  static func leasing(_ place: Int64) -> PostgresCall {
    (
      """
      SELECT pg_advisory_xact_lock_shared($1::bigint::integer, 0),
        pg_advisory_xact_lock($1::bigint::integer, $2::bigint::integer)
      """, [.integer(Space.queue.rawValue), .integer(place)]
    )
  }

  /// Waits until nobody writes in the queue.
  static let opening: PostgresCall = (
    "SELECT pg_advisory_xact_lock($1::bigint::integer, 0)", [.integer(Space.queue.rawValue)]
  )

  /// How many locks the keys share: a batch must not fill the server's table of locks.
  static let places: UInt64 = 1024
}

extension PostgresTransaction {
  /// Runs a statement put together elsewhere.
  @discardableResult
  func rows(_ call: PostgresCall) throws(DriverError) -> PostgresRows { try rows(call.text, call.parameters) }
}
