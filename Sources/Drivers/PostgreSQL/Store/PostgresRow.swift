import WorkerKit

/// One of a statement's rows, read column by column.
struct PostgresRow {
  let rows: PostgresRows
  let index: Int

  /// The row before this one; nil for the first.
  var before: PostgresRow? { index > 0 ? PostgresRow(rows: rows, index: index - 1) : nil }

  func integer(_ column: Int) -> Int64 { rows.integer(index, column) }
  func optionalInteger(_ column: Int) -> Int64? { rows.isNull(index, column) ? nil : rows.integer(index, column) }
  func text(_ column: Int) -> String { rows.text(index, column) }
  func optionalText(_ column: Int) -> String? { rows.isNull(index, column) ? nil : rows.text(index, column) }
  func bytes(_ column: Int) -> [UInt8] { rows.bytes(index, column) }
  func optionalBytes(_ column: Int) -> [UInt8]? { rows.isNull(index, column) ? nil : rows.bytes(index, column) }
  func boolean(_ column: Int) -> Bool { rows.boolean(index, column) }
  func moment(_ column: Int) -> Timestamp { Timestamp(milliseconds: integer(column)) }
  func optionalMoment(_ column: Int) -> Timestamp? { optionalInteger(column).map { Timestamp(milliseconds: $0) } }

  /// True where two rows of one statement have the same values in these columns.
  func isEqual(to other: PostgresRow, in columns: ClosedRange<Int>) -> Bool {
    columns.allSatisfy { rows.isEqual(index, other.index, $0) }
  }

  /// A column of compact JSON, or nil where it is NULL.
  func optionalJSON(_ column: Int) throws(DriverError) -> JSON? {
    guard let bytes = optionalBytes(column) else { return nil }
    return try JSON(stored: bytes)
  }

  /// A column of a JSON object of texts; empty where it is NULL.
  func texts(_ column: Int) throws(DriverError) -> [String: String] {
    try optionalJSON(column)?.texts ?? [:]
  }
}

extension PostgresRows {
  var first: PostgresRow? { count > 0 ? PostgresRow(rows: self, index: 0) : nil }

  /// What `read` makes of each row.
  func map<Value>(_ read: (PostgresRow) throws(DriverError) -> Value) throws(DriverError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(count)
    for index in 0..<count { values.append(try read(PostgresRow(rows: self, index: index))) }
    return values
  }
}

extension PostgresValue {
  /// A text, or NULL.
  static func optional(_ text: String?) -> PostgresValue { text.map { .text($0) } ?? .null }
  /// A number, or NULL.
  static func optional(_ number: Int64?) -> PostgresValue { number.map { .integer($0) } ?? .null }
  /// Milliseconds since 1970, or NULL.
  static func moment(_ moment: Timestamp?) -> PostgresValue { moment.map { .integer($0.milliseconds) } ?? .null }
  /// Compact JSON, or NULL.
  static func json(_ value: JSON?) -> PostgresValue { value.map { .bytes($0.bytes()) } ?? .null }
}

/// A statement with its parameters, for a pipeline.
typealias PostgresCall = (text: String, parameters: [PostgresValue])
