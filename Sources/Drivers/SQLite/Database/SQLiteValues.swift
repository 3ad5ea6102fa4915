import WorkerKit

extension SQLiteValue {
  /// A text, or NULL.
  static func optional(_ text: String?) -> SQLiteValue { text.map { .text($0) } ?? .null }

  /// Milliseconds since 1970, or NULL.
  static func moment(_ moment: Timestamp?) -> SQLiteValue { moment.map { .integer($0.milliseconds) } ?? .null }

  /// Compact JSON, or NULL.
  static func json(_ value: JSON?) -> SQLiteValue { value.map { .bytes($0.bytes()) } ?? .null }
}

extension SQLiteRow {
  /// A column of compact JSON, or nil where it is NULL.
  func optionalJSON(_ column: Int32) throws(DriverError) -> JSON? {
    guard let bytes = optionalBytes(column) else { return nil }
    return try JSON(stored: bytes)
  }

  /// A column of a JSON object of texts; empty where it is NULL.
  func texts(_ column: Int32) throws(DriverError) -> [String: String] {
    try optionalJSON(column)?.texts ?? [:]
  }
}
