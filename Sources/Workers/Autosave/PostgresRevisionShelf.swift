public import PostgreSQLDriver
public import WorkerKit

/// Revisions in the PostgreSQL store's own database, so that the check of authority and the save are one transaction.
public struct PostgresRevisionShelf: RevisionShelf {
  private let pool: PostgresPool

  /// Uses the database of `pool`, which has the tables of `PostgresMigrations.autosave`.
  public init(pool: PostgresPool) { self.pool = pool }

  public func keep(_ save: Save, by authority: Authority, at moment: Timestamp) async throws(Failure) -> SaveReceipt {
    let result: Result<SaveReceipt, Failure>
    do throws(DriverError) {
      result = try await pool.write { transaction in
        guard try transaction.admits(authority) else { return .failure(RevisionFailure.authorityLost) }
        try transaction.restrict(to: save.tenant)
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
    try await pool.read { transaction in
      try transaction.restrict(to: tenant)
      let rows = try transaction.rows(
        """
        SELECT revision, hash, bytes, length(body)::bigint, saved_at FROM autosave_revisions AS shown
        JOIN autosave_contents USING (tenant, hash)
        WHERE tenant = $1 AND document = $2 AND ($3::bigint IS NULL OR revision < $3) AND hash IS DISTINCT FROM (
          SELECT hash FROM autosave_revisions AS older
          WHERE older.tenant = $1 AND older.document = $2 AND older.revision < shown.revision
          ORDER BY older.revision DESC LIMIT 1)
        ORDER BY revision DESC LIMIT $4
        """,
        [
          .text(tenant.rawValue), .text(document), before.map { .integer(Int64($0)) } ?? .null, .integer(Int64(limit)),
        ])
      return (0..<rows.count).map { row in
        Revision(
          number: Int(rows.integer(row, 0)), contentHash: rows.text(row, 1), bytes: Int(rows.integer(row, 2)),
          storedBytes: Int(rows.integer(row, 3)), savedAt: Timestamp(milliseconds: rows.integer(row, 4)))
      }
    }
  }

  public func content(of document: String, revision: Int, tenant: TenantID) async throws(DriverError) -> [UInt8]? {
    let body = try await pool.read { transaction -> [UInt8]? in
      try transaction.restrict(to: tenant)
      let rows = try transaction.rows(
        """
        SELECT body FROM autosave_revisions JOIN autosave_contents USING (tenant, hash)
        WHERE tenant = $1 AND document = $2 AND revision = $3
        """, [.text(tenant.rawValue), .text(document), .integer(Int64(revision))])
      return rows.count > 0 ? rows.bytes(0, 0) : nil
    }
    return try body.map(RevisionContent.decompressed)
  }

  private static func keep(
    _ save: Save, job: JobID, at moment: Timestamp, _ transaction: PostgresTransaction
  ) throws(DriverError) -> Result<SaveReceipt, Failure> {
    let (tenant, document) = (PostgresValue.text(save.tenant.rawValue), PostgresValue.text(save.document))
    let (number, hash) = (PostgresValue.integer(Int64(save.revision)), PostgresValue.text(save.contentHash))
    // The document's row first: whoever saves the same document waits here, and sees then what was saved before it.
    let head = try transaction.rows(
      """
      INSERT INTO autosave_documents AS known (tenant, document, head) VALUES ($1, $2, $3)
      ON CONFLICT (tenant, document) DO UPDATE SET head = greatest(known.head, excluded.head) RETURNING head
      """, [tenant, document, number]
    ).integer(0, 0)
    // The save of that number or else the one before, and the one after: the same content beside it is no revision.
    let beside = try transaction.rows(
      """
      (SELECT revision, hash FROM autosave_revisions
        WHERE tenant = $1 AND document = $2 AND revision <= $3 ORDER BY revision DESC LIMIT 1)
      UNION ALL
      (SELECT revision, hash FROM autosave_revisions
        WHERE tenant = $1 AND document = $2 AND revision > $3 ORDER BY revision LIMIT 1)
      """, [tenant, document, number])
    let neighbours = (0..<beside.count).map { (number: Int(beside.integer($0, 0)), hash: beside.text($0, 1)) }
    if let taken = neighbours.first(where: { $0.number == save.revision }) {
      if taken.hash != save.contentHash { return .failure(RevisionFailure.conflict(save)) }
    } else {
      try transaction.pipeline([
        (
          "INSERT INTO autosave_contents (tenant, hash, bytes, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
          [tenant, hash, .integer(Int64(save.bytes)), .bytes(save.compressed)]
        ),
        // A repetition too: a late save between the two would make it a return to the older content.
        (
          """
          INSERT INTO autosave_revisions (tenant, document, revision, hash, saved_at, job)
          VALUES ($1, $2, $3, $4, $5, $6)
          """, [tenant, document, number, hash, .integer(moment.milliseconds), .text(job.rawValue)]
        ),
      ])
    }
    let isSame = neighbours.contains { $0.hash == save.contentHash }
    return .success(SaveReceipt(isStored: !isSame, head: Int(head)))
  }
}
