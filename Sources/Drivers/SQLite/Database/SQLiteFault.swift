internal import CSQLite
import WorkerKit

/// Classifies SQLite's result codes (https://sqlite.org/rescode.html) by what the caller can do.
enum SQLiteFault {
  static func error(code: Int32, detail: String) -> DriverError {
    switch code & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED:
      DriverError(
        .unavailable, "sqlite_busy", "Another process holds the database; try again, or stop that process.",
        detail: detail)
    case SQLITE_FULL:
      DriverError(.full, "sqlite_full", "The disk is full; make room in the data folder.", detail: detail)
    case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_PROTOCOL, SQLITE_NOMEM:
      DriverError(
        .unavailable, "sqlite_io", "The database file cannot be read or written; check the disk and its permissions.",
        detail: detail)
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
      DriverError(
        .unavailable, "sqlite_read_only", "The database file may not be written; check its owner and permissions.",
        detail: detail)
    case SQLITE_CORRUPT, SQLITE_NOTADB:
      DriverError(
        .damaged, "sqlite_damaged", "The database file is damaged; restore it from a backup.", detail: detail)
    case SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_RANGE:
      DriverError(.refused, "sqlite_refused", "The batch holds something that cannot be stored.", detail: detail)
    default:
      DriverError(
        .damaged, "sqlite_error", "The database does not have the tables that this version expects.", detail: detail)
    }
  }
}
