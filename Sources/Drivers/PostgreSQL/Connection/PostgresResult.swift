internal import CPostgreSQL

/// One answer of libpq; it owns the memory that rows are read from.
final class PostgresResult {
  let handle: OpaquePointer

  init(_ handle: OpaquePointer) { self.handle = handle }

  deinit { PQclear(handle) }

  var status: ExecStatusType { PQresultStatus(handle) }

  /// True where the server, or libpq, could not do what was asked.
  var isFailure: Bool { status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE }

  /// What the server says it did: `INSERT 0 1`, `COMMIT`.
  var command: String { String(cString: PQcmdStatus(handle)) }

  /// The number of rows that the statement changed.
  var changes: Int { Int(String(cString: PQcmdTuples(handle))) ?? 0 }

  /// A field of an error, such as its SQLSTATE.
  func field(_ code: Character) -> String {
    guard let value = code.asciiValue, let text = PQresultErrorField(handle, Int32(value)) else { return "" }
    return String(cString: text)
  }
}
