import WorkerKit

/// What a database says of the steps that it has, held against the steps that this program knows.
struct AppliedMigrations {
  struct Row {
    let number: Int
    let checksum: String
    let at: String
  }

  /// By owner, in order.
  let rows: [String: [Row]]

  /// Reads the table of migrations; a database without one has none.
  init(_ transaction: PostgresTransaction) throws(DriverError) {
    guard try transaction.rows("SELECT to_regclass('millrace.migrations') IS NOT NULL").boolean(0, 0) else {
      rows = [:]
      return
    }
    let found = try transaction.rows(
      """
      SELECT owner, number, checksum, to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      FROM millrace.migrations ORDER BY owner, number
      """)
    var rows: [String: [Row]] = [:]
    for row in 0..<found.count {
      let entry = Row(number: Int(found.integer(row, 1)), checksum: found.text(row, 2), at: found.text(row, 3))
      rows[found.text(row, 0), default: []].append(entry)
    }
    self.rows = rows
  }

  /// How each step of a sequence stands.
  /// - Throws: Where what was applied is not the beginning of the sequence.
  func standings(of sequence: PostgresMigrations) throws(DriverError) -> [MigrationStanding] {
    let applied = rows[sequence.owner] ?? []
    for (index, row) in applied.enumerated() {
      let place = "\(sequence.owner) \(row.number)"
      guard row.number == index + 1 else {
        throw DriverError(
          .damaged, "schema_gap", "A step of the schema is missing before others; restore the database from a backup.",
          detail: "\(sequence.owner) \(index + 1)")
      }
      guard index < sequence.steps.count else {
        throw DriverError(
          .damaged, "schema_too_new", "The database was migrated by a newer version; run that version.",
          detail: "schema \(sequence.owner) \(applied.count), known up to \(sequence.steps.count)")
      }
      guard row.checksum == sequence.steps[index].checksum else {
        throw DriverError(
          .damaged, "schema_changed",
          "A step of the schema is not what it was when it was applied; run the version that applied it.",
          detail: place)
      }
    }
    return sequence.steps.enumerated().map { index, step in
      MigrationStanding(
        owner: sequence.owner, number: index + 1, name: step.name,
        appliedAt: index < applied.count ? applied[index].at : nil)
    }
  }
}
