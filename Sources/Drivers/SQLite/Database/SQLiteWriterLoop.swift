import WorkerKit

/// One write that waits for the writer thread.
struct SQLiteWrite: Sendable {
  /// Does the work; the answer is kept until the commit.
  let perform: @Sendable (SQLiteTransaction) -> Performed
  /// Tells who asked that nothing was kept.
  let abandon: @Sendable (DriverError) -> Void

  /// What came of the work: whether it may stay, and how to tell who asked.
  struct Performed {
    let failure: DriverError?
    /// Tells who asked; with an error where the commit failed.
    let answer: (DriverError?) -> Void
  }

  init<Value: Sendable>(
    body: @escaping @Sendable (SQLiteTransaction) throws -> Value,
    completion: @escaping @Sendable (Result<Value, DriverError>) -> Void
  ) {
    abandon = { completion(.failure($0)) }
    perform = { transaction in
      let result: Result<Value, DriverError>
      do { result = .success(try body(transaction)) } catch { result = .failure(SQLiteTransaction.typed(error)) }
      let failure: DriverError? = if case .failure(let error) = result { error } else { nil }
      return Performed(failure: failure) { commitError in
        completion(commitError.map { .failure($0) } ?? result)
      }
    }
  }
}

/// What the writer thread does: gathers waiting writes into one transaction and one synchronisation to disk.
// Unchecked because only the one writer thread touches the connection.
final class SQLiteWriterLoop: @unchecked Sendable {
  private var connection: SQLiteConnection?

  init(connection: SQLiteConnection) { self.connection = connection }

  /// Runs the writes, commits once, and then answers all of them.
  func commit(_ writes: [SQLiteWrite]) {
    guard let connection else { return }
    var performed: [SQLiteWrite.Performed] = []
    do throws(DriverError) {
      // IMMEDIATE, because a transaction that reads first and then upgrades is refused at once when another wrote.
      try connection.statement("BEGIN IMMEDIATE").run()
      for write in writes { performed.append(try attempt(write, on: connection)) }
      try connection.statement("COMMIT").run()
      for write in performed { write.answer(nil) }
    } catch {
      if connection.isInTransaction { try? connection.execute("ROLLBACK") }
      for write in performed { write.answer(error) }
      for write in writes.dropFirst(performed.count) { write.abandon(error) }
    }
  }

  /// Closes the connection, which folds the log into the file.
  func end() { connection = nil }

  private func attempt(_ write: SQLiteWrite, on connection: SQLiteConnection) throws(DriverError)
    -> SQLiteWrite.Performed
  {
    try connection.statement("SAVEPOINT verb").run()
    let performed = write.perform(SQLiteTransaction(connection))
    // A full disk or an I/O error makes SQLite roll the whole transaction back by itself.
    guard connection.isInTransaction else { throw Self.cause(of: performed) }
    if performed.failure != nil { try connection.statement("ROLLBACK TO verb").run() }
    try connection.statement("RELEASE verb").run()
    return performed
  }

  /// What all writes of a transaction are told that SQLite undid under one of them; that one's own refusal is not
  /// theirs.
  private static func cause(of performed: SQLiteWrite.Performed) -> DriverError {
    if let failure = performed.failure, failure.isTransient { return failure }
    return DriverError(
      .unavailable, "sqlite_rolled_back", "The database gave up a transaction of several writes; try again.")
  }
}
