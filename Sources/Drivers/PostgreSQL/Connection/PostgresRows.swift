internal import CPostgreSQL
import Glibc

/// The rows of an answer, read column by column from the form in which they came. Used on the connection's thread.
///
/// A value that is asked for as another type than it has reads as 0, false or an empty text.
public struct PostgresRows {
  private let result: PostgresResult
  /// How many rows there are.
  public let count: Int

  init(_ result: PostgresResult) {
    self.result = result
    count = Int(PQntuples(result.handle))
  }

  /// The number of rows that the statement changed, or gave.
  public var changes: Int { result.changes }

  /// How many columns there are; none where the statement gives no rows.
  var columns: Int { Int(PQnfields(result.handle)) }

  /// True where the value is NULL.
  public func isNull(_ row: Int, _ column: Int) -> Bool { PQgetisnull(result.handle, Int32(row), Int32(column)) == 1 }

  /// A value of type `bigint`, `integer` or `smallint`.
  public func integer(_ row: Int, _ column: Int) -> Int64 {
    let value = value(row, column)
    return switch value.count {
    case 8: value.loadUnaligned(as: Int64.self).bigEndian
    case 4: Int64(value.loadUnaligned(as: Int32.self).bigEndian)
    case 2: Int64(value.loadUnaligned(as: Int16.self).bigEndian)
    default: 0
    }
  }

  /// A value of type `text` or `json`.
  public func text(_ row: Int, _ column: Int) -> String { String(decoding: value(row, column), as: UTF8.self) }

  /// A value of type `bytea`, or the bytes of a text.
  public func bytes(_ row: Int, _ column: Int) -> [UInt8] { [UInt8](value(row, column)) }

  /// A value of type `boolean`.
  public func boolean(_ row: Int, _ column: Int) -> Bool { value(row, column).first == 1 }

  /// An integer, or nil for NULL.
  public func optionalInteger(_ row: Int, _ column: Int) -> Int64? {
    isNull(row, column) ? nil : integer(row, column)
  }

  /// A text, or nil for NULL.
  public func optionalText(_ row: Int, _ column: Int) -> String? { isNull(row, column) ? nil : text(row, column) }

  /// Bytes, or nil for NULL.
  public func optionalBytes(_ row: Int, _ column: Int) -> [UInt8]? { isNull(row, column) ? nil : bytes(row, column) }

  /// A boolean, or nil for NULL.
  public func optionalBoolean(_ row: Int, _ column: Int) -> Bool? { isNull(row, column) ? nil : boolean(row, column) }

  /// True where two rows have the same value in a column.
  func isEqual(_ row: Int, _ other: Int, _ column: Int) -> Bool {
    guard isNull(row, column) == isNull(other, column) else { return false }
    let (one, another) = (value(row, column), value(other, column))
    guard one.count == another.count, let start = one.baseAddress, let other = another.baseAddress else {
      return one.count == another.count
    }
    return memcmp(start, other, one.count) == 0
  }

  /// The value's bytes; valid while the rows are.
  private func value(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
    let length = PQgetlength(result.handle, Int32(row), Int32(column))
    return UnsafeRawBufferPointer(
      start: PQgetvalue(result.handle, Int32(row), Int32(column)), count: length < 0 ? 0 : Int(length))
  }
}
