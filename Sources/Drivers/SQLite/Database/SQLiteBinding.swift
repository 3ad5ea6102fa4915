internal import CSQLite
import WorkerKit

/// Binding without values between: for the statements that every job goes through. Bind all parameters each time; what
/// cannot be bound is reported by the step that follows.
extension SQLiteStatement {
  func bind(_ index: Int32, _ number: Int64) { note(sqlite3_bind_int64(handle, index, number)) }

  func bind(_ index: Int32, _ moment: Timestamp) { bind(index, moment.milliseconds) }

  func bind(_ index: Int32, _ moment: Timestamp?) {
    if let moment { bind(index, moment.milliseconds) } else { bindNull(index) }
  }

  func bindNull(_ index: Int32) { note(sqlite3_bind_null(handle, index)) }

  func bind(_ index: Int32, _ text: String) {
    var text = text
    note(text.withUTF8 { bind($0, at: index) })
  }

  func bind(_ index: Int32, _ text: Substring) {
    var text = text
    note(text.withUTF8 { bind($0, at: index) })
  }

  func bind(_ index: Int32, _ text: String?) {
    if let text { bind(index, text) } else { bindNull(index) }
  }

  func bind(_ index: Int32, _ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return note(sqlite3_bind_zeroblob(handle, index, 0)) }
    note(
      bytes.withUnsafeBytes { bytes in
        let (start, lifetime) = kept(bytes)
        return sqlite3_bind_blob64(handle, index, start, sqlite3_uint64(bytes.count), lifetime)
      })
  }

  func bind(_ index: Int32, _ bytes: [UInt8]?) {
    if let bytes { bind(index, bytes) } else { bindNull(index) }
  }

  func bind(_ index: Int32, _ value: SQLiteValue) {
    switch value {
    case .null: bindNull(index)
    case .integer(let number): bind(index, number)
    case .text(let text): bind(index, text)
    case .bytes(let bytes): bind(index, bytes)
    }
  }

  private func bind(_ text: UnsafeBufferPointer<UInt8>, at index: Int32) -> Int32 {
    guard !text.isEmpty else { return sqlite3_bind_text(handle, index, "", 0, Self.transient) }
    let (start, lifetime) = kept(UnsafeRawBufferPointer(text))
    return sqlite3_bind_text(
      handle, index, start?.assumingMemoryBound(to: CChar.self), Int32(text.count), lifetime)
  }

  /// Where SQLite finds the bytes: in the statement's own room, or where there is none in a copy that SQLite makes.
  private func kept(_ bytes: UnsafeRawBufferPointer) -> (UnsafeRawPointer?, sqlite3_destructor_type?) {
    if let copy = room.copy(bytes) { (copy, nil) } else { (bytes.baseAddress, Self.transient) }
  }

  private func note(_ result: Int32) {
    if result != SQLITE_OK { refusedBinding = result }
  }

  /// SQLITE_TRANSIENT, a cast that the importer cannot express: SQLite copies the bytes at once.
  private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}
