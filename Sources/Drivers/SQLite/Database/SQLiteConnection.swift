internal import CSQLite
import WorkerKit

/// One connection to one file, used by one thread at a time; it owns its prepared statements.
///
/// No handle crosses a fork: programs that Millrace starts are spawned with every descriptor closed.
final class SQLiteConnection {
  private let handle: OpaquePointer
  private var statements: [UnsafeRawPointer: SQLiteStatement] = [:]
  private var texts: [ObjectIdentifier: SQLiteStatement] = [:]

  /// Statistics of memory, which nobody reads, cost a lock for each allocation of every thread. To be switched off
  /// before the first file is opened; later it is refused, and nothing is lost.
  private static let isConfigured = millrace_sqlite_without_statistics() == SQLITE_OK

  /// Opens, and where allowed creates, the file at `path`.
  init(path: String, readOnly: Bool) throws(DriverError) {
    _ = Self.isConfigured
    var opened: OpaquePointer?
    let mode = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    let result = sqlite3_open_v2(path, &opened, mode | SQLITE_OPEN_NOMUTEX, nil)
    guard result == SQLITE_OK, let opened else {
      let detail = "\(path): \(String(cString: sqlite3_errstr(result)))"
      sqlite3_close_v2(opened)
      throw DriverError(
        .unavailable, "sqlite_open", "The database file cannot be opened; check the folder and its permissions.",
        detail: detail)
    }
    handle = opened
    sqlite3_extended_result_codes(handle, 1)
    // SQLite opens what may not be written for reading, and says so at the first write only.
    guard readOnly || sqlite3_db_readonly(handle, "main") == 0 else {
      throw SQLiteFault.error(code: SQLITE_READONLY, detail: path)
    }
  }

  deinit {
    statements.removeAll()
    texts.removeAll()
    sqlite3_close_v2(handle)
  }

  /// True between BEGIN and COMMIT or ROLLBACK; false also when SQLite rolled back by itself.
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// How many rows the last INSERT, UPDATE or DELETE changed.
  var changes: Int { Int(sqlite3_changes(handle)) }

  /// The row id that the last INSERT gave.
  var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

  /// Runs statements that return no rows.
  func execute(_ sql: String) throws(DriverError) {
    let result = sqlite3_exec(handle, sql, nil, nil, nil)
    guard result == SQLITE_OK else { throw error(result) }
  }

  /// The prepared statement for a literal, prepared once: literals are told apart by their address.
  func statement(_ sql: StaticString) throws(DriverError) -> SQLiteStatement {
    let key = UnsafeRawPointer(sql.utf8Start)
    if let known = statements[key] { return known }
    let prepared = try prepare(sql.description)
    statements[key] = prepared
    return prepared
  }

  /// The prepared statement for a text that lives as long as the program, prepared once.
  func statement(_ text: SQLiteText) throws(DriverError) -> SQLiteStatement {
    let key = ObjectIdentifier(text)
    if let known = texts[key] { return known }
    let prepared = try prepare(text.sql)
    texts[key] = prepared
    return prepared
  }

  /// Prepares a statement that is put together at run time, from parts of our own alone; values are bound.
  func prepare(_ sql: String) throws(DriverError) -> SQLiteStatement {
    var prepared: OpaquePointer?
    let result = sqlite3_prepare_v2(handle, sql, -1, &prepared, nil)
    guard result == SQLITE_OK, let prepared else { throw error(result) }
    return SQLiteStatement(prepared, of: self)
  }

  /// The typed error for a result code, with the connection's own words.
  func error(_ code: Int32) -> DriverError {
    SQLiteFault.error(code: code, detail: String(cString: sqlite3_errmsg(handle)))
  }
}
