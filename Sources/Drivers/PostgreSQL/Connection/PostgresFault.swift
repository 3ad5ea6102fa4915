import WorkerKit

/// Classifies PostgreSQL's error codes (https://www.postgresql.org/docs/15/errcodes-appendix.html) by what can be done.
///
/// What a person must mend on the server, a password, a right, a missing table, is *unavailable* and not *refused*: the
/// same call works once that is done, and nothing may be given up for it meanwhile.
enum PostgresFault {
  /// What happened, by SQLSTATE.
  /// - Parameter words: The server's own words; they are kept only where they cannot hold what a caller sent.
  static func error(state: String, words: String, names: String = "") -> DriverError {
    let entry = states[state] ?? classes[String(state.prefix(2))] ?? unknown
    let details = [state, entry.mayQuote ? words : "", names].filter { !$0.isEmpty }
    return DriverError(entry.kind, entry.code, entry.message, detail: details.joined(separator: " "))
  }

  /// True when the transaction as a whole may be done again at once.
  static func mayRepeat(_ state: String) -> Bool { state == "40001" || state == "40P01" }

  /// True when the session is of no more use: it has ended, is on the wrong server, or has lost its statements.
  static func endsSession(_ state: String) -> Bool {
    ["57P01", "57P02", "57P03", "57P05", "25006", "26000", "25P03"].contains(state) || state.hasPrefix("08")
  }

  private struct Entry {
    let kind: DriverError.Kind
    let code: String
    let message: String
    var mayQuote = true
  }

  private static let unknown = Entry(
    kind: .damaged, code: "postgres_error", message: "The database could not do what was asked of it.")

  private static let states: [String: Entry] = [
    "28P01": Entry(
      kind: .unavailable, code: "postgres_password",
      message: "The database refuses the password; correct it in the connection's settings."),
    "3D000": Entry(
      kind: .unavailable, code: "postgres_no_database",
      message: "The server has no such database; create it, or correct its name in the connection's settings."),
    "42501": Entry(
      kind: .unavailable, code: "postgres_denied",
      message: "The database role lacks a right; grant it, or connect as the role that owns the tables."),
    "25006": Entry(
      kind: .unavailable, code: "postgres_read_only",
      message: "The database takes no writes here; connect to the server that does, or end its read-only state."),
    "40001": Entry(
      kind: .unavailable, code: "postgres_serialization", message: "Other transactions were faster; try again."),
    "40P01": Entry(
      kind: .unavailable, code: "postgres_deadlock", message: "Two transactions waited for each other; try again."),
    "53100": Entry(
      kind: .full, code: "postgres_disk_full", message: "The database server's disk is full; make room on it."),
    "53200": Entry(
      kind: .full, code: "postgres_memory_full",
      message: "The database server has no memory left; give it more, or fewer connections."),
    "53300": Entry(
      kind: .unavailable, code: "postgres_connections",
      message: "The server has no connection left; raise max_connections, or let each process have fewer."),
    "55P03": Entry(
      kind: .unavailable, code: "postgres_lock_timeout",
      message: "Another transaction holds a lock for too long; try again, or find it in pg_stat_activity."),
    "57014": Entry(
      kind: .unavailable, code: "postgres_timeout",
      message: "A statement took longer than it may; try again, and see what keeps the server busy."),
  ]

  /// What a code's first two characters say, where the code itself says no more.
  private static let classes: [String: Entry] = [
    "08": lost, "57": lost,
    "21": refused, "22": refused, "23": refused, "44": refused, "54": refused, "P0": refused,
    "25": Entry(
      kind: .unavailable, code: "postgres_session",
      message: "The session was in a state that allows no work; try again."
    ),
    "26": lost,
    "28": Entry(
      kind: .unavailable, code: "postgres_role",
      message: "The server lets this role not in; look at the role's name, at TLS and at pg_hba.conf."),
    "3F": tables, "42": tables,
    "53": Entry(
      kind: .full, code: "postgres_full", message: "The database server has run out of something; see its log."),
    "55": Entry(kind: .unavailable, code: "postgres_busy", message: "Something is in use that must not be; try again."),
    "58": Entry(
      kind: .unavailable, code: "postgres_system",
      message: "The database server cannot read or write its files; see its log."),
    "XX": Entry(
      kind: .damaged, code: "postgres_damaged", message: "The database server found an error in itself; see its log."),
  ]

  private static let lost = Entry(
    kind: .unavailable, code: "postgres_lost", message: "The connection to the database was lost; try again.")
  private static let refused = Entry(
    kind: .refused, code: "postgres_refused", message: "The batch holds something that cannot be stored.",
    mayQuote: false)
  private static let tables = Entry(
    kind: .unavailable, code: "postgres_tables",
    message: "The database does not have the tables that this version expects; run millrace migrate.")
}
