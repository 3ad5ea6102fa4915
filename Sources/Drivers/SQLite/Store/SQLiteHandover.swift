import WorkerKit

/// An entry for the queue with the row of its job.
struct StoredEntry {
  let row: Int64
  let entry: QueueEntry
  /// True when the job was created in this transaction: the queue cannot know it.
  var isNew = false
}

/// How new fences reach the queue: at once where it is in the same file, by a handoff otherwise.
struct SQLiteHandover {
  let transaction: SQLiteTransaction
  let now: Timestamp
  /// The moment on the queue's clock, where it is in the same file.
  let queueNow: Timestamp
  let movesQueue: Bool
  /// Whether somebody who waits for the queue in the same file may find something.
  let news = SQLiteQueueNews()

  init(transaction: SQLiteTransaction, moment: SQLiteMoment, movesQueue: Bool) throws(DriverError) {
    self.transaction = transaction
    self.movesQueue = movesQueue
    now = moment.wall
    queueNow = try SQLiteQueueClock.now(moment, transaction, canWrite: true)
  }

  /// How long a push may take from the commit on.
  static let pushTime = Duration.seconds(30)
  /// How long after that a handoff counts as lost; longer than clocks of store and queue may differ.
  static let margin = Duration.seconds(15)

  /// Pushes the entries, or writes them down for a push.
  func handOver(_ stored: [StoredEntry]) throws(DriverError) -> Handoff? {
    guard !stored.isEmpty else { return nil }
    if movesQueue {
      let queue = try queue()
      for entry in stored { _ = try queue.push(entry) }
      return nil
    }
    let entries = stored.map(\.entry)
    let notAfter = now + Self.pushTime
    let text = entries.map { "\($0.job) \($0.fence.rawValue)" }.joined(separator: "\n")
    try transaction.run(
      "INSERT INTO handoffs (not_after, entries) VALUES (?1, ?2)", .moment(notAfter), .text(text))
    return Handoff(
      id: transaction.connection.lastInsertedRow, epoch: try SQLiteJobs(transaction).epoch(), notAfter: notAfter,
      entries: entries)
  }

  /// Removes entries of jobs that have ended or wait outside the queue, where the queue is in the same file.
  func withdraw(_ job: Int64) throws(DriverError) {
    if movesQueue { try queue().remove(job) }
  }

  /// The same for jobs that were cancelled, whose hosts may still work on them.
  func withdrawCancelled(_ job: Int64) throws(DriverError) {
    if movesQueue { try queue().withdraw(job) }
  }

  /// The queue's entries in the same file.
  func queue() throws(DriverError) -> SQLiteQueueEntries {
    try SQLiteQueueEntries(transaction: transaction, now: queueNow, news: news)
  }

  /// The jobs and fences of one written handoff.
  static func entries(_ text: String) -> [FencedJob] {
    text.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: " ")
      guard parts.count == 2, let fence = Int64(parts[1]) else { return nil }
      return FencedJob(job: JobID(String(parts[0])), fence: Fence(rawValue: fence))
    }
  }
}
