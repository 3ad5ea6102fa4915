import DriverThreads
import Glibc
public import WorkerKit

/// One SQLite file: one thread that writes, one that reads, and no other access.
///
/// The file is in write-ahead mode with `synchronous=FULL`: what a call answers has been synchronised to disk. Writes
/// that pile up while a commit is under way share the next one, each in a savepoint of its own, so that one write's
/// failure undoes only that write.
public final class SQLiteDatabase: Sendable {
  private let writer: BatchThread<SQLiteWrite>
  private let reader: WorkThread
  private let readConnection: SQLiteReadConnection
  /// The file's path.
  public let path: String

  /// Opens the file at `path`, creates it where it is missing, and brings its tables up to date.
  public init(path: String) throws(DriverError) {
    try SQLiteFileLength.check(path)
    let (connection, reading) = try Self.patiently { () throws(DriverError) in
      let connection = try Self.connect(path: path)
      try SQLiteSchema.apply(to: connection)
      return (connection, try SQLiteReadConnection(path: path))
    }
    self.path = path
    readConnection = reading
    reader = WorkThread(name: "sqlite-read")
    let owner = SQLiteWriterLoop(connection: connection)
    writer = BatchThread(name: "sqlite-write", handle: { owner.commit($0) }, atEnd: { owner.end() })
  }

  /// Runs `body` in a transaction on the writer thread; returns when it is committed.
  public func write<Value: Sendable>(
    _ body: @escaping @Sendable (SQLiteTransaction) throws -> Value
  ) async throws(DriverError) -> Value {
    let result: Result<Value, DriverError> = await withCheckedContinuation { continuation in
      let request = SQLiteWrite(body: body) { continuation.resume(returning: $0) }
      if !writer.submit(request) { continuation.resume(returning: .failure(Self.closed)) }
    }
    return try result.get()
  }

  /// Runs `body` on the reader thread, in a read transaction of its own: it sees one committed state.
  public func read<Value: Sendable>(
    _ body: @escaping @Sendable (SQLiteTransaction) throws -> Value
  ) async throws(DriverError) -> Value {
    let result = await reader.run { [readConnection] in readConnection.run(body) }
    return try (result ?? .failure(Self.closed)).get()
  }

  deinit { writer.close() }

  /// Finishes what was asked for, folds the log into the file, and closes it.
  public func close() async {
    // SQLite folds the log when the last connection closes, and only one that may write can do it.
    _ = await reader.run { [readConnection] in readConnection.close() }
    reader.close()
    await writer.closeAndWait()
  }

  static let closed = DriverError(.closed, "sqlite_closed", "The database is closed.")

  /// Opens again and again for as long as SQLite would wait for a lock. While several open a new file, it reports some
  /// of them busy at once without asking its busy handler: where it switches to the log, or finds it half begun
  /// (https://www.sqlite.org/wal.html#sometimes_queries_return_sqlite_busy_in_wal_mode).
  private static func patiently<Value>(_ open: () throws(DriverError) -> Value) throws(DriverError) -> Value {
    let end = ContinuousClock.now + .seconds(5)
    while ContinuousClock.now < end {
      do throws(DriverError) {
        return try open()
      } catch {
        guard error.code == "sqlite_busy" else { throw error }
        _ = poll(nil, 0, 10)
      }
    }
    return try open()
  }

  private static func connect(path: String) throws(DriverError) -> SQLiteConnection {
    let connection = try SQLiteConnection(path: path, readOnly: false)
    // The log is folded into the file when it has 4,000 pages, which are 16 MiB: benchmarks/README.md.
    try connection.execute(
      """
      PRAGMA busy_timeout=5000;
      PRAGMA synchronous=FULL;
      PRAGMA foreign_keys=OFF;
      PRAGMA cache_size=-16384;
      PRAGMA wal_autocheckpoint=4000;
      PRAGMA journal_size_limit=67108864;
      """)
    try useLog(connection, path: path)
    return connection
  }

  /// Switches to write-ahead mode. SQLite keeps another mode, and reports no error, where the log cannot be.
  private static func useLog(_ connection: SQLiteConnection, path: String) throws(DriverError) {
    let mode = try connection.statement("PRAGMA journal_mode=WAL").first { row throws(DriverError) in row.text(0) }
    guard mode == "wal" else {
      throw DriverError(
        .unavailable, "sqlite_no_log", "The database cannot have a write-ahead log here; use a file on a local disk.",
        detail: path)
    }
  }
}

/// The reader's connection, touched by the reader thread alone.
// Unchecked because only closures that run on the one reader thread touch `connection`.
private final class SQLiteReadConnection: @unchecked Sendable {
  private var connection: SQLiteConnection?

  init(path: String) throws(DriverError) {
    let connection = try SQLiteConnection(path: path, readOnly: true)
    try connection.execute("PRAGMA busy_timeout=5000; PRAGMA cache_size=-4096;")
    self.connection = connection
  }

  func run<Value>(_ body: (SQLiteTransaction) throws -> Value) -> Result<Value, DriverError> {
    guard let connection else { return .failure(SQLiteDatabase.closed) }
    do {
      try connection.execute("BEGIN")
      defer { try? connection.execute("COMMIT") }
      return .success(try body(SQLiteTransaction(connection)))
    } catch {
      return .failure(SQLiteTransaction.typed(error))
    }
  }

  func close() { connection = nil }
}
