public import SQLiteDriver
public import WorkerKit

/// Revisions in the embedded store's own file, so that the check of authority and the save are one transaction.
public struct SQLiteRevisionShelf: RevisionShelf {
  private let database: SQLiteDatabase

  /// Uses `database`, and creates the tables where they are missing.
  public init(database: SQLiteDatabase) async throws(DriverError) {
    self.database = database
    try await database.write { transaction in
      for table in Self.tables { try transaction.run(table) }
    }
  }

  private static let tables: [StaticString] = [
    """
    CREATE TABLE IF NOT EXISTS autosave_documents (
      tenant TEXT NOT NULL, document TEXT NOT NULL, head INTEGER NOT NULL, PRIMARY KEY (tenant, document)) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS autosave_revisions (
      tenant TEXT NOT NULL, document TEXT NOT NULL, revision INTEGER NOT NULL, hash TEXT NOT NULL,
      saved_at INTEGER NOT NULL, job TEXT NOT NULL, PRIMARY KEY (tenant, document, revision)) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS autosave_contents (
      number INTEGER PRIMARY KEY, tenant TEXT NOT NULL, hash TEXT NOT NULL, bytes INTEGER NOT NULL,
      body BLOB NOT NULL, UNIQUE (tenant, hash))
    """,
  ]

  public func keep(_ save: Save, by authority: Authority, at moment: Timestamp) async throws(Failure) -> SaveReceipt {
    let result: Result<SaveReceipt, Failure>
    do throws(DriverError) {
      result = try await database.write { transaction in
        guard try transaction.admits(authority) else { return .failure(RevisionFailure.authorityLost) }
        return try Self.keep(save, job: authority.job, at: moment, transaction)
      }
    } catch {
      throw Failure(driver: error)
    }
    return try result.get()
  }

  public func history(of document: String, tenant: TenantID, before: Int?, limit: Int) async throws(DriverError)
    -> [Revision]
  {
    try await database.read { transaction in
      try transaction.rows(
        """
        SELECT revision, hash, bytes, length(body), saved_at FROM autosave_revisions AS shown
        JOIN autosave_contents USING (tenant, hash)
        WHERE tenant = ?1 AND document = ?2 AND (?3 IS NULL OR revision < ?3) AND hash IS NOT (
          SELECT hash FROM autosave_revisions AS older
          WHERE older.tenant = ?1 AND older.document = ?2 AND older.revision < shown.revision
          ORDER BY older.revision DESC LIMIT 1)
        ORDER BY revision DESC LIMIT ?4
        """, .text(tenant.rawValue), .text(document), before.map { .integer(Int64($0)) } ?? .null,
        .integer(Int64(limit))
      ).compactMap { row in
        guard case .integer(let number) = row[0], case .text(let hash) = row[1], case .integer(let bytes) = row[2],
          case .integer(let stored) = row[3], case .integer(let savedAt) = row[4]
        else { return nil }
        return Revision(
          number: Int(number), contentHash: hash, bytes: Int(bytes), storedBytes: Int(stored),
          savedAt: Timestamp(milliseconds: savedAt))
      }
    }
  }

  public func content(of document: String, revision: Int, tenant: TenantID) async throws(DriverError) -> [UInt8]? {
    let rows = try await database.read { transaction in
      try transaction.rows(
        """
        SELECT body FROM autosave_revisions JOIN autosave_contents USING (tenant, hash)
        WHERE tenant = ?1 AND document = ?2 AND revision = ?3
        """, .text(tenant.rawValue), .text(document), .integer(Int64(revision)))
    }
    guard case .bytes(let body)? = rows.first?.first else { return nil }
    return try RevisionContent.decompressed(body)
  }

  private static func keep(_ save: Save, job: JobID, at moment: Timestamp, _ transaction: SQLiteTransaction) throws
    -> Result<SaveReceipt, Failure>
  {
    let (tenant, document) = (SQLiteValue.text(save.tenant.rawValue), SQLiteValue.text(save.document))
    let number = SQLiteValue.integer(Int64(save.revision))
    // The save of that number or else the one before, and the one after: the same content beside it is no revision.
    let beside = try transaction.rows(
      """
      SELECT revision, hash FROM (
        SELECT * FROM (SELECT revision, hash FROM autosave_revisions
          WHERE tenant = ?1 AND document = ?2 AND revision <= ?3 ORDER BY revision DESC LIMIT 1)
        UNION ALL
        SELECT * FROM (SELECT revision, hash FROM autosave_revisions
          WHERE tenant = ?1 AND document = ?2 AND revision > ?3 ORDER BY revision LIMIT 1))
      """, tenant, document, number)
    let isTaken = beside.contains { $0[0] == number }
    let isSame = beside.contains { $0[1] == .text(save.contentHash) }
    if isTaken, !beside.contains([number, .text(save.contentHash)]) { return .failure(RevisionFailure.conflict(save)) }
    if !isTaken {
      try transaction.run(
        "INSERT INTO autosave_contents (tenant, hash, bytes, body) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        tenant, .text(save.contentHash), .integer(Int64(save.bytes)), .bytes(save.compressed))
      // A repetition too: a late save between the two would make it a return to the older content.
      try transaction.run(
        """
        INSERT INTO autosave_revisions (tenant, document, revision, hash, saved_at, job) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        """, tenant, document, number, .text(save.contentHash), .integer(moment.milliseconds), .text(job.rawValue))
    }
    let head = try transaction.rows(
      """
      INSERT INTO autosave_documents (tenant, document, head) VALUES (?1, ?2, ?3)
      ON CONFLICT DO UPDATE SET head = max(head, excluded.head) RETURNING head
      """, tenant, document, number)
    guard case .integer(let newest)? = head.first?.first else { return .failure(RevisionFailure.authorityLost) }
    return .success(SaveReceipt(isStored: !isSame, head: Int(newest)))
  }
}
