import SQLiteDriver

/// Makes of a file what versions before this one have written.
enum OlderFile {
  /// Lays out what waits as it was before there were lanes, and takes away what came with them and after.
  static func takeLanesAway(_ transaction: SQLiteTransaction) throws {
    for statement in layout { try transaction.run(statement) }
  }

  private static let layout: [StaticString] = [
    """
    CREATE TABLE entries (
      queue TEXT NOT NULL, priority INTEGER NOT NULL, due_at INTEGER NOT NULL, job INTEGER NOT NULL, id TEXT NOT NULL,
      fence INTEGER NOT NULL, lease INTEGER, PRIMARY KEY (queue, priority, due_at, job)) WITHOUT ROWID
    """,
    """
    INSERT INTO entries (queue, priority, due_at, job, id, fence, lease)
    SELECT fair_keys.queue, priority, due_at, job, waiting.id, fence, lease FROM waiting
      JOIN lanes ON lanes.id = waiting.lane JOIN fair_keys ON fair_keys.id = lanes.fair_key
    """,
    "DROP TABLE waiting", "ALTER TABLE entries RENAME TO waiting", "DROP TABLE lanes", "DROP TABLE fair_keys",
    "DROP TABLE priorities", "DROP TABLE slots", "DROP TABLE buckets", "DROP TABLE wakes", "DROP TABLE controls",
    "ALTER TABLE leases DROP COLUMN flow", "DROP TABLE pauses", "DROP INDEX audit_of_scope",
    "ALTER TABLE audit DROP COLUMN scope", "DELETE FROM meta WHERE key = 'pauses'", "PRAGMA user_version = 3",
  ]
}
