public import WorkerKit

extension SQLiteStore {
  public func activate(_ offer: FolderOffer) async throws(DriverError) -> Int64 {
    let now = environment.time.now
    return try await database.write { transaction in
      for revision in offer.revisions {
        try transaction.run(
          "INSERT INTO revisions (hash, pipeline, source) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
          .text(revision.hash.rawValue), .text(revision.pipeline.rawValue), .text(revision.source))
      }
      let latest = try SQLiteActivations.latest(transaction)
      var active = latest?.active ?? ActiveSet()
      active.take(offer)
      return try SQLiteActivations.write(active, after: latest, in: transaction, .moment(now), by: offer.folder)
    }
  }

  public func rollback(to number: Int64, by: String, reason: String) async throws(DriverError) -> Int64? {
    let now = environment.time.now
    return try await database.write { transaction in
      let latest = try SQLiteActivations.latest(transaction)
      guard number < .max, var active = latest?.active,
        let earlier = try SQLiteActivations.read(before: number + 1, limit: 1, transaction).first,
        earlier.activation.number == number
      else { return nil }
      active.restore(earlier.activation.revisions)
      return try SQLiteActivations.write(
        active, after: latest, in: transaction, .moment(now), by: by, reason: reason, restoring: number)
    }
  }

  public func activations(before: Int64?, limit: Int) async throws(DriverError) -> [Activation] {
    try await database.read { transaction in
      try SQLiteActivations.read(before: before ?? .max, limit: limit, transaction).map(\.activation)
    }
  }

  public func activeRevisions() async throws(DriverError) -> [PipelineRevision] {
    try await database.read { transaction in
      let active = try SQLiteActivations.latest(transaction)?.active.revisions ?? [:]
      return try Self.revisions(Array(active.values), transaction).sorted { $0.pipeline < $1.pipeline }
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

/// The table of activations.
private enum SQLiteActivations {
  static func latest(_ transaction: SQLiteTransaction) throws(DriverError) -> StoredActivation? {
    try read(before: .max, limit: 1, transaction).first
  }

  /// Rows with smaller numbers, newest first.
  static func read(
    before: Int64, limit: Int, _ transaction: SQLiteTransaction
  ) throws(DriverError) -> [StoredActivation] {
    try transaction.connection.statement(
      """
      SELECT number, at, who, reason, restored, active FROM activations WHERE number < ?1
      ORDER BY number DESC LIMIT ?2
      """
    ).rows([.integer(before), .integer(Int64(limit))]) { row throws(DriverError) in
      try StoredActivation(
        number: row.integer(0), at: Timestamp(milliseconds: row.integer(1)), by: row.text(2), reason: row.text(3),
        restored: row.optionalInteger(4), active: try row.optionalJSON(5))
    }
  }

  /// A new row where other revisions are active than before; otherwise only what the folders hold is noted.
  static func write(
    _ active: ActiveSet, after latest: StoredActivation?, in transaction: SQLiteTransaction, _ moment: SQLiteValue,
    by: String, reason: String = "", restoring restored: Int64? = nil
  ) throws(DriverError) -> Int64 {
    let bytes = SQLiteValue.bytes(active.json.bytes())
    switch active.change(after: latest) {
    case .activation(let next):
      try transaction.run(
        "INSERT INTO activations (number, at, who, reason, restored, active) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        .integer(next), moment, .text(by), .text(reason), restored.map { .integer($0) } ?? .null, bytes)
      return next
    case .folders(let inForce):
      try transaction.run("UPDATE activations SET active = ?1 WHERE number = ?2", bytes, .integer(inForce))
      return inForce
    case .nothing(let inForce): return inForce
    }
  }
}
