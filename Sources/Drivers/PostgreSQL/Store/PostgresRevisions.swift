public import WorkerKit

extension PostgresStore {
  public func activate(_ offer: FolderOffer) async throws(DriverError) -> Int64 {
    try await write { transaction, now in
      try transaction.rows(PostgresLocks.exclusive(.activation))
      for revision in offer.revisions {
        try transaction.run(
          "INSERT INTO revisions (hash, pipeline, source) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
          [
            .text(revision.hash.rawValue), .text(revision.pipeline.rawValue), .bytes(Array(revision.source.utf8)),
          ])
      }
      let latest = try PostgresActivations.latest(transaction)
      var active = latest?.active ?? ActiveSet()
      active.take(offer)
      return try PostgresActivations.write(active, after: latest, in: transaction, at: now, by: offer.folder)
    }
  }

  public func rollback(to number: Int64, by: String, reason: String) async throws(DriverError) -> Int64? {
    try await write { transaction, now in
      try transaction.rows(PostgresLocks.exclusive(.activation))
      let latest = try PostgresActivations.latest(transaction)
      guard number < .max, var active = latest?.active,
        let earlier = try PostgresActivations.read(before: number + 1, limit: 1, transaction).first,
        earlier.activation.number == number
      else { return nil }
      active.restore(earlier.activation.revisions)
      return try PostgresActivations.write(
        active, after: latest, in: transaction, at: now, by: by, reason: reason, restoring: number)
    }
  }

  public func activations(before: Int64?, limit: Int) async throws(DriverError) -> [Activation] {
    try await pool.read { transaction in
      try PostgresActivations.read(before: before ?? .max, limit: limit, transaction).map(\.activation)
    }
  }

  public func activeRevisions() async throws(DriverError) -> [PipelineRevision] {
    try await pool.read { transaction in
      let active = try PostgresActivations.latest(transaction)?.active.revisions ?? [:]
      return try Self.revisions(Array(active.values), transaction).sorted { $0.pipeline < $1.pipeline }
    }
  }

  public func revisions(_ hashes: [RevisionHash]) async throws(DriverError) -> [PipelineRevision] {
    try await pool.read { transaction in try Self.revisions(hashes, transaction) }
  }

  private static func revisions(
    _ hashes: [RevisionHash], _ transaction: PostgresTransaction
  ) throws(DriverError) -> [PipelineRevision] {
    guard !hashes.isEmpty else { return [] }
    return try transaction.rows(
      "SELECT hash, pipeline, source FROM revisions WHERE hash = ANY($1)", [.texts(hashes.map(\.rawValue))]
    ).map { row throws(DriverError) in
      PipelineRevision(
        pipeline: PipelineName(row.text(1)), hash: RevisionHash(row.text(0)),
        source: String(decoding: row.bytes(2), as: UTF8.self))
    }
  }
}

/// The table of activations.
private enum PostgresActivations {
  static func latest(_ transaction: PostgresTransaction) throws(DriverError) -> StoredActivation? {
    try read(before: .max, limit: 1, transaction).first
  }

  /// Rows with smaller numbers, newest first.
  static func read(
    before: Int64, limit: Int, _ transaction: PostgresTransaction
  ) throws(DriverError) -> [StoredActivation] {
    try transaction.rows(
      """
      SELECT number, at, who, reason, restored, active FROM activations WHERE number < $1
      ORDER BY number DESC LIMIT $2
      """, [.integer(before), .integer(Int64(max(0, limit)))]
    ).map { row throws(DriverError) in
      try StoredActivation(
        number: row.integer(0), at: row.moment(1), by: row.text(2), reason: row.text(3),
        restored: row.optionalInteger(4), active: try row.optionalJSON(5))
    }
  }

  /// A new row where other revisions are active than before; otherwise only what the folders hold is noted.
  static func write(
    _ active: ActiveSet, after latest: StoredActivation?, in transaction: PostgresTransaction, at now: Timestamp,
    by: String, reason: String = "", restoring restored: Int64? = nil
  ) throws(DriverError) -> Int64 {
    let bytes = PostgresValue.bytes(active.json.bytes())
    switch active.change(after: latest) {
    case .activation(let next):
      try transaction.run(
        "INSERT INTO activations (number, at, who, reason, restored, active) VALUES ($1, $2, $3, $4, $5, $6)",
        [.integer(next), .moment(now), .text(by), .text(reason), .optional(restored), bytes])
      return next
    case .folders(let inForce):
      try transaction.run("UPDATE activations SET active = $1 WHERE number = $2", [bytes, .integer(inForce)])
      return inForce
    case .nothing(let inForce): return inForce
    }
  }
}
