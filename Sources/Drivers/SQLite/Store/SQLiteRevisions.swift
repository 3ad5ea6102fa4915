public import WorkerKit

extension SQLiteStore {
  public func activate(_ revisions: [PipelineRevision]) async throws(DriverError) -> Int64 {
    let now = environment.time.now
    let hashes = JSON.array(revisions.map(\.hash.rawValue).sorted().map { .string($0) }).bytes()
    return try await database.write { transaction in
      for revision in revisions {
        try transaction.run(
          "INSERT INTO revisions (hash, pipeline, source) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
          .text(revision.hash.rawValue), .text(revision.pipeline.rawValue), .text(revision.source))
      }
      let latest = try transaction.connection.statement(
        "SELECT number, hashes FROM activations ORDER BY number DESC LIMIT 1"
      ).first { row throws(DriverError) in (row.integer(0), row.bytes(1)) }
      if let latest, latest.1 == hashes { return latest.0 }
      try transaction.run("INSERT INTO activations (at, hashes) VALUES (?1, ?2)", .moment(now), .bytes(hashes))
      return transaction.connection.lastInsertedRow
    }
  }

  public func activeRevisions() async throws(DriverError) -> [PipelineRevision] {
    try await database.read { transaction in
      let active = try transaction.connection.statement(
        "SELECT hashes FROM activations ORDER BY number DESC LIMIT 1"
      ).first { row throws(DriverError) in try row.optionalJSON(0) }
      guard case .array(let hashes)?? = active else { return [] }
      let wanted = hashes.compactMap { if case .string(let hash) = $0 { RevisionHash(hash) } else { nil } }
      return try Self.revisions(wanted, transaction).sorted { $0.pipeline < $1.pipeline }
    }
  }

  public func revisions(_ hashes: [RevisionHash]) async throws(DriverError) -> [PipelineRevision] {
    try await database.read { transaction in try Self.revisions(hashes, transaction) }
  }

  private static func revisions(_ hashes: [RevisionHash], _ transaction: SQLiteTransaction) throws(DriverError)
    -> [PipelineRevision]
  {
    var found: [PipelineRevision] = []
    for hash in hashes {
      let revision = try transaction.connection.statement("SELECT pipeline, source FROM revisions WHERE hash = ?1")
        .first(.text(hash.rawValue)) { row throws(DriverError) in
          PipelineRevision(pipeline: PipelineName(row.text(0)), hash: hash, source: row.text(1))
        }
      if let revision { found.append(revision) }
    }
    return found
  }
}
