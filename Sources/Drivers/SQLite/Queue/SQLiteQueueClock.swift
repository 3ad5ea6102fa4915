import WorkerKit

/// A moment on both clocks, taken before a transaction waits for its turn.
struct SQLiteMoment: Sendable {
  let wall: Timestamp
  let monotonic: Duration
  let origin: String

  init(_ time: any TimeSource) {
    wall = time.now
    monotonic = time.monotonic
    origin = time.monotonicOrigin
  }
}

/// The clock by which the queue's delays and leases run: the wall clock as it was when the file was first written since
/// the machine was started, and from there on the time of a clock that never steps. All processes of the machine agree.
enum SQLiteQueueClock {
  /// The moment on the queue's clock. One that has not been started is, where the transaction `canWrite`.
  static func now(
    _ moment: SQLiteMoment, _ transaction: SQLiteTransaction, canWrite: Bool
  ) throws(DriverError) -> Timestamp {
    guard !moment.origin.isEmpty else { return moment.wall }
    let start = try transaction.connection.statement("SELECT wall, monotonic FROM clock WHERE origin = ?1")
      .first(.text(moment.origin)) { row throws(DriverError) in
        (wall: Timestamp(milliseconds: row.integer(0)), monotonic: row.integer(1))
      }
    if let start { return start.wall + .milliseconds(moment.monotonic.milliseconds - start.monotonic) }
    if canWrite {
      try transaction.run(
        "INSERT OR REPLACE INTO clock (id, origin, wall, monotonic) VALUES (1, ?1, ?2, ?3)", .text(moment.origin),
        .moment(moment.wall), .integer(moment.monotonic.milliseconds))
    }
    return moment.wall
  }
}
