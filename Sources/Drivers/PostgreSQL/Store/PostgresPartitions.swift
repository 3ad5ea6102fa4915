internal import Synchronization
import WorkerKit

/// The partitions of history, each for a range of events and all that follows from them.
///
/// A range has no fixed length: the next is made before the last one is half full, and is longer than the one before
/// where that was filled within a day, so that a partition holds about a day's work on a busy server.
struct PostgresPartitions {
  let transaction: PostgresTransaction
  let now: Timestamp

  /// The shortest range, in events.
  static let shortest = Int64(1) << 24
  private static let longest = Int64(1) << 32
  private static let day = Int64(86_400_000)

  /// How many numbers of jobs one event has.
  static let jobsOfEvent = RowNumbers.runsOfEvent * RowNumbers.jobsOfRun

  /// The partitioned tables, and how many of their numbers one event has.
  static let tables: [(name: String, numbers: Int64)] = [
    ("events", 1), ("runs", RowNumbers.runsOfEvent), ("run_standings", RowNumbers.runsOfEvent),
    ("jobs", jobsOfEvent), ("attempts", jobsOfEvent),
  ]

  /// The first partitions, which the tables' migration makes.
  static let firstStatements =
    tables.map { statement($0, from: 0, to: shortest) } + [
      "INSERT INTO partitions (first, beyond, made_at) VALUES (0, \(shortest), 0)"
    ]

  /// Makes partitions until `event` lies before the middle of the last.
  /// - Returns: The event before which no more are needed.
  func prepare(for event: Int64) throws(DriverError) -> Int64 {
    try transaction.rows(PostgresLocks.exclusive(.partitions))
    while true {
      let rows = try transaction.rows("SELECT first, beyond, made_at FROM partitions ORDER BY first DESC LIMIT 1")
      guard let last = rows.first else { return 0 }
      let (first, beyond) = (last.integer(0), last.integer(1))
      guard event >= first + (beyond - first) / 2 else { return first + (beyond - first) / 2 }
      let wasQuick = now.milliseconds - last.integer(2) < Self.day
      try make(from: beyond, to: beyond + min((beyond - first) * (wasQuick ? 2 : 1), Self.longest))
    }
  }

  private func make(from first: Int64, to beyond: Int64) throws(DriverError) {
    try transaction.run("SELECT millrace.make_partitions($1, $2)::text", [.integer(first), .integer(beyond)])
    try transaction.run(
      "INSERT INTO partitions (first, beyond, made_at) VALUES ($1, $2, $3)",
      [.integer(first), .integer(beyond), .moment(now)])
  }

  static func statement(
    _ table: (name: String, numbers: Int64), from first: Int64, to beyond: Int64
  ) -> String {
    """
    CREATE TABLE \(table.name)_from_\(first) PARTITION OF \(table.name)
      FOR VALUES FROM (\(first * table.numbers)) TO (\(beyond * table.numbers))
    """
  }
}

extension PostgresStore {
  /// Sees to it that there are partitions well before they are needed. What cannot be done now is tried again with the
  /// next events; there is a long way to the end of the last partition.
  func preparePartitions(for event: Int64) async {
    guard event >= partitioned.withLock({ $0 }) else { return }
    let next = try? await write { transaction, now in
      try PostgresPartitions(transaction: transaction, now: now).prepare(for: event)
    }
    if let next { partitioned.withLock { $0 = max($0, next) } }
  }

  /// Forgets what this process knows of numbers: a database that was put back gives them again.
  func forgetNumbers() {
    partitioned.withLock { $0 = 0 }
    unrouted.forget()
  }
}
