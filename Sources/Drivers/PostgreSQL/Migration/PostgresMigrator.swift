public import WorkerKit

/// Brings a database's tables up to date, step by step, forward only; and tells how they stand.
///
/// Each step is a transaction of its own under one lock for all migrations of the database, so that several processes
/// may migrate at once: each step is done by one of them. A step that is interrupted leaves nothing behind.
public struct PostgresMigrator: Sendable {
  private let pool: PostgresPool
  private let sequences: [PostgresMigrations]

  /// How long a step's statements wait for a lock. Whoever comes after them waits as well, so that it is short.
  private static let lockTimeout: Duration = .seconds(5)
  /// What the advisory lock is known by: no other lock of the database may have this number.
  private static let lock: Int64 = 0x6D69_6C6C_7261_6365

  /// A migrator for a database; it has a connection of its own, so that it must be closed.
  public init(_ configuration: PostgresConfiguration, sequences: [PostgresMigrations] = [.millrace]) {
    var configuration = configuration
    configuration.connections = 1
    configuration.sessionSettings = [:]
    configuration.statementTimeout = .seconds(4 * 3600)
    configuration.lockTimeout = Self.lockTimeout
    pool = PostgresPool(configuration: configuration)
    self.sequences = sequences
  }

  /// Lets the connection go.
  public func close() async { await pool.close() }

  /// How each known step stands; changes nothing.
  ///
  /// Steps of an owner that this program does not know are let be: they belong to a worker that it does not have.
  /// - Throws: `schema_too_new`, `schema_gap` or `schema_changed` where the database does not fit, `schema_owner` where
  ///   the sequences do not go together.
  public func plan() async throws(DriverError) -> [MigrationStanding] {
    try checkOwners()
    return try await pool.read { [sequences] in try Self.standings(of: sequences, $0) }
  }

  /// Applies what is missing, in order. `applied` is told of each step, once it is committed.
  /// - Returns: How each known step stands then.
  public func migrate(_ applied: (MigrationStanding) -> Void = { _ in }) async throws(DriverError)
    -> [MigrationStanding]
  {
    try checkOwners()
    while let step = try await pool.write({ [sequences] in try Self.applyNext(of: sequences, $0) }) { applied(step) }
    return try await plan()
  }

  /// Sees to it that the database has every known step and no other, so that a server may use it.
  /// - Throws: `schema_too_old` where `migrate` has to be run first, or what `plan` throws.
  public func check() async throws(DriverError) {
    let missing = try await plan().filter { !$0.isApplied }
    guard let first = missing.first else { return }
    throw DriverError(
      .damaged, "schema_too_old", "The database lacks tables of this version; run millrace migrate.",
      detail: "missing from \(first.owner) \(first.number), \(missing.count) in all")
  }

  /// Two sequences of one owner would each take the other's steps for theirs.
  private func checkOwners() throws(DriverError) {
    var known: Set<String> = []
    for owner in sequences.map(\.owner) {
      let isWord = !owner.isEmpty && owner.utf8.allSatisfy { Self.letters.contains($0) }
      if isWord, known.insert(owner).inserted { continue }
      throw DriverError(
        .refused, "schema_owner",
        "The owner of a sequence of steps needs a name of its own, of lower-case letters, digits and underscores.",
        detail: owner)
    }
  }

  private static let letters = Set("abcdefghijklmnopqrstuvwxyz0123456789_".utf8)

  private static func standings(
    of sequences: [PostgresMigrations], _ transaction: PostgresTransaction
  ) throws(DriverError) -> [MigrationStanding] {
    let applied = try AppliedMigrations(transaction)
    var all: [MigrationStanding] = []
    for sequence in sequences { all += try applied.standings(of: sequence) }
    return all
  }

  /// Applies the first step that is missing; nil where none is.
  private static func applyNext(
    of sequences: [PostgresMigrations], _ transaction: PostgresTransaction
  ) throws(DriverError) -> MigrationStanding? {
    // Another process may be at work on a long step.
    try transaction.pipeline([
      ("SET LOCAL lock_timeout = '4h'", []), ("SELECT pg_advisory_xact_lock($1)", [.integer(lock)]),
      ("SET LOCAL lock_timeout = '\(lockTimeout.milliseconds)'", []),
    ])
    try createTable(transaction)
    for sequence in sequences {
      let standings = try AppliedMigrations(transaction).standings(of: sequence)
      guard let next = standings.first(where: { !$0.isApplied }) else { continue }
      let step = sequence.steps[next.number - 1]
      try transaction.script(step.script)
      try transaction.run(
        "INSERT INTO millrace.migrations (owner, number, name, checksum) VALUES ($1, $2, $3, $4)",
        [.text(next.owner), .integer(Int64(next.number)), .text(step.name), .text(step.checksum)])
      return next
    }
    return nil
  }

  private static func createTable(_ transaction: PostgresTransaction) throws(DriverError) {
    // IF NOT EXISTS alone asks for the right to create, also where there is nothing to create.
    if try transaction.rows("SELECT to_regnamespace('millrace') IS NULL").boolean(0, 0) {
      try transaction.run("CREATE SCHEMA millrace")
    }
    if try transaction.rows("SELECT to_regclass('millrace.migrations') IS NULL").boolean(0, 0) {
      try transaction.run(
        """
        CREATE TABLE millrace.migrations (
          owner text, number bigint, name text NOT NULL, checksum text NOT NULL,
          applied_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (owner, number))
        """)
    }
  }
}
