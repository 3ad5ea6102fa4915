internal import CSQLite
import WorkerKit

/// A value that SQLite stores.
public enum SQLiteValue: Sendable, Hashable {
  case null
  case integer(Int64)
  case text(String)
  case bytes([UInt8])
}

/// A prepared statement: bind, step, read columns, reset. Used by the thread of its connection alone.
final class SQLiteStatement {
  let handle: OpaquePointer
  // The connection outlives its statements: `sqlite3_close_v2` waits for them, and errors are read from it.
  private unowned let connection: SQLiteConnection
  /// What came of a parameter that could not be bound, until it is reported.
  var refusedBinding = SQLITE_OK
  /// Holds what is bound until the statement is done.
  let room = BindingRoom()

  init(_ handle: OpaquePointer, of connection: SQLiteConnection) {
    self.handle = handle
    self.connection = connection
  }

  deinit { sqlite3_finalize(handle) }

  /// Runs a statement that returns no rows.
  func run(_ values: SQLiteValue...) throws(DriverError) { try run(values) }

  /// Runs a statement that returns no rows.
  func run(_ values: [SQLiteValue]) throws(DriverError) {
    bind(values)
    try execute()
  }

  /// Calls `read` for each row.
  func rows<Value>(_ values: [SQLiteValue], _ read: (SQLiteRow) throws(DriverError) -> Value) throws(DriverError)
    -> [Value]
  {
    bind(values)
    return try all(read)
  }

  /// The first row, or nil.
  func first<Value>(_ values: SQLiteValue..., read: (SQLiteRow) throws(DriverError) -> Value) throws(DriverError)
    -> Value?
  {
    bind(values)
    return try one(read)
  }

  /// Runs a statement that returns no rows, with what was bound.
  func execute() throws(DriverError) {
    defer { reset() }
    while try step() {}
  }

  /// Calls `read` for each row, with what was bound.
  func all<Value>(_ read: (SQLiteRow) throws(DriverError) -> Value) throws(DriverError) -> [Value] {
    defer { reset() }
    var found: [Value] = []
    while try step() { found.append(try read(SQLiteRow(handle: handle))) }
    return found
  }

  /// The first row, or nil, with what was bound.
  func one<Value>(_ read: (SQLiteRow) throws(DriverError) -> Value) throws(DriverError) -> Value? {
    defer { reset() }
    return try step() ? try read(SQLiteRow(handle: handle)) : nil
  }

  private func reset() {
    sqlite3_reset(handle)
    room.empty()
  }

  private func step() throws(DriverError) -> Bool {
    if refusedBinding != SQLITE_OK {
      defer { refusedBinding = SQLITE_OK }
      throw connection.error(refusedBinding)
    }
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw connection.error(code)
    }
  }

  private func bind(_ values: [SQLiteValue]) {
    for (index, value) in values.enumerated() { bind(Int32(index + 1), value) }
  }
}

/// The row a statement stands on; valid until the next step.
struct SQLiteRow {
  fileprivate let handle: OpaquePointer

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

  func text(_ column: Int32) -> String {
    guard let start = sqlite3_column_text(handle, column) else { return "" }
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

  func bytes(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(handle, column) else { return [] }
    return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }

  func optionalBytes(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : bytes(column) }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  func value(_ column: Int32) -> SQLiteValue {
    switch sqlite3_column_type(handle, column) {
    case SQLITE_INTEGER: .integer(integer(column))
    case SQLITE_TEXT: .text(text(column))
    case SQLITE_BLOB: .bytes(bytes(column))
    default: .null
    }
  }

  var values: [SQLiteValue] { (0..<sqlite3_column_count(handle)).map { value($0) } }
}
