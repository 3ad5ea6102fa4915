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
  private let handle: OpaquePointer
  // The connection outlives its statements: `sqlite3_close_v2` waits for them, and errors are read from it.
  private unowned let connection: SQLiteConnection

  init(_ handle: OpaquePointer, of connection: SQLiteConnection) {
    self.handle = handle
    self.connection = connection
  }

  deinit { sqlite3_finalize(handle) }

  /// Runs a statement that returns no rows.
  func run(_ values: SQLiteValue...) throws(DriverError) { try run(values) }

  /// Runs a statement that returns no rows.
  func run(_ values: [SQLiteValue]) throws(DriverError) {
    try bind(values)
    defer { sqlite3_reset(handle) }
    while try step() {}
  }

  /// Calls `read` for each row.
  func rows<Value>(_ values: [SQLiteValue], _ read: (SQLiteRow) throws(DriverError) -> Value) throws(DriverError)
    -> [Value]
  {
    try bind(values)
    defer { sqlite3_reset(handle) }
    var found: [Value] = []
    while try step() { found.append(try read(SQLiteRow(handle: handle))) }
    return found
  }

  /// The first row, or nil.
  func first<Value>(_ values: SQLiteValue..., read: (SQLiteRow) throws(DriverError) -> Value) throws(DriverError)
    -> Value?
  {
    try bind(values)
    defer { sqlite3_reset(handle) }
    return try step() ? try read(SQLiteRow(handle: handle)) : nil
  }

  private func step() throws(DriverError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw connection.error(code)
    }
  }

  private func bind(_ values: [SQLiteValue]) throws(DriverError) {
    for (index, value) in values.enumerated() {
      let result = bind(value, at: Int32(index + 1))
      guard result == SQLITE_OK else { throw connection.error(result) }
    }
  }

  private func bind(_ value: SQLiteValue, at index: Int32) -> Int32 {
    switch value {
    case .null: return sqlite3_bind_null(handle, index)
    case .integer(let number): return sqlite3_bind_int64(handle, index, number)
    case .text(var text):
      guard !text.isEmpty else { return sqlite3_bind_text(handle, index, "", 0, Self.transient) }
      return text.withUTF8 { buffer in
        buffer.withMemoryRebound(to: CChar.self) {
          sqlite3_bind_text(handle, index, $0.baseAddress, Int32($0.count), Self.transient)
        }
      }
    case .bytes(let bytes):
      guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(handle, index, 0) }
      return bytes.withUnsafeBytes {
        sqlite3_bind_blob64(handle, index, $0.baseAddress, sqlite3_uint64($0.count), Self.transient)
      }
    }
  }

  /// SQLITE_TRANSIENT, a cast that the importer cannot express: SQLite copies the bytes at once.
  private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}

/// The row a statement stands on; valid until the next step.
struct SQLiteRow {
  fileprivate let handle: OpaquePointer

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  func optionalInteger(_ column: Int32) -> Int64? {
    sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : integer(column)
  }

  func text(_ column: Int32) -> String {
    guard let start = sqlite3_column_text(handle, column) else { return "" }
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  func optionalText(_ column: Int32) -> String? {
    sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : text(column)
  }

  func bytes(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(handle, column) else { return [] }
    return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }

  func optionalBytes(_ column: Int32) -> [UInt8]? {
    sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : bytes(column)
  }

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
