import WorkerKit

/// The tables, in numbered steps that only go forward.
enum SQLiteSchema {
  /// Brings a file up to date; refuses one that a newer version has written.
  static func apply(to connection: SQLiteConnection) throws(DriverError) {
    guard try version(of: connection) < steps.count else { return }
    try connection.execute("BEGIN IMMEDIATE")
    // Read again: another process may have brought the file up to date while this one waited for its turn.
    for step in steps.dropFirst(try version(of: connection)) { try connection.execute(step) }
    try connection.execute("PRAGMA user_version=\(steps.count); COMMIT")
  }

  private static func version(of connection: SQLiteConnection) throws(DriverError) -> Int {
    let version = try connection.statement("PRAGMA user_version").first { Int($0.integer(0)) } ?? 0
    guard version <= steps.count else {
      throw DriverError(
        .damaged, "schema_too_new", "The database was written by a newer version; run that version.",
        detail: "schema \(version), known up to \(steps.count)")
    }
    return version
  }

  private static let steps = [facts + motion + revisions + ordering + schedules + replays]

  /// What must never be lost.
  private static let facts = """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO meta VALUES ('epoch', 1), ('queue_epoch', 1), ('filled_epoch', 1), ('probe', 0);
    CREATE TABLE events (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, tenant TEXT NOT NULL, source TEXT NOT NULL,
      envelope BLOB NOT NULL, recorded_at INTEGER NOT NULL, routed_at INTEGER);
    CREATE UNIQUE INDEX events_identity ON events (id, tenant, source);
    CREATE INDEX events_unrouted ON events (sequence) WHERE routed_at IS NULL;
    CREATE TABLE runs (
      sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, event INTEGER NOT NULL, tenant TEXT NOT NULL,
      pipeline TEXT NOT NULL, revision TEXT NOT NULL, created_at INTEGER NOT NULL, state TEXT NOT NULL,
      finished_at INTEGER, idle BLOB, problems BLOB);
    CREATE INDEX runs_of_event ON runs (event);
    CREATE TABLE jobs (
      sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, run INTEGER NOT NULL, stage TEXT NOT NULL,
      worker TEXT NOT NULL, queue TEXT NOT NULL, input BLOB, unresolved TEXT, context BLOB, created_at INTEGER NOT NULL,
      state TEXT NOT NULL, fence INTEGER NOT NULL, holder TEXT, attempts INTEGER NOT NULL, losses INTEGER NOT NULL,
      due_at INTEGER NOT NULL, started_at INTEGER, finished_at INTEGER, waiting_for TEXT,
      host TEXT, output BLOB, artifacts BLOB, failure BLOB, element INTEGER NOT NULL DEFAULT -1, policy BLOB);
    CREATE UNIQUE INDEX jobs_of_run ON jobs (run, stage, element);
    CREATE INDEX jobs_dead ON jobs (sequence) WHERE state IN ('FAILED', 'TIMED_OUT');
    CREATE INDEX jobs_parked ON jobs (worker) WHERE state = 'PENDING';
    CREATE TABLE attempts (
      job INTEGER NOT NULL, fence INTEGER NOT NULL, attempt INTEGER NOT NULL, holder TEXT, host TEXT,
      started_at INTEGER, finished_at INTEGER NOT NULL, outcome TEXT NOT NULL, failure BLOB,
      PRIMARY KEY (job, fence)) WITHOUT ROWID;
    CREATE TABLE audit (
      sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, job TEXT,
      fence INTEGER, reason TEXT NOT NULL);
    CREATE TABLE handoffs (id INTEGER PRIMARY KEY AUTOINCREMENT, not_after INTEGER NOT NULL, entries BLOB NOT NULL);
    """

  /// What may be wiped at any moment: the queue.
  private static let motion = """
    CREATE TABLE queue_entries (
      job INTEGER PRIMARY KEY, fence INTEGER NOT NULL, queue TEXT NOT NULL, due_at INTEGER NOT NULL, holder TEXT,
      expires_at INTEGER, priority INTEGER NOT NULL, lease INTEGER);
    CREATE INDEX queue_ready ON queue_entries (queue, priority, due_at, job) WHERE holder IS NULL;
    CREATE INDEX queue_leased ON queue_entries (expires_at) WHERE holder IS NOT NULL;
    """

  /// What orders jobs among others, and what they report: rows for the few that have any.
  private static let ordering = """
    CREATE TABLE windows (
      tenant TEXT, pipeline TEXT, stage TEXT, key TEXT, state BLOB NOT NULL, at INTEGER NOT NULL,
      PRIMARY KEY (tenant, pipeline, stage, key)) WITHOUT ROWID;
    CREATE TABLE turns (
      ticket INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, pipeline TEXT NOT NULL, stage TEXT NOT NULL,
      key TEXT NOT NULL, run INTEGER NOT NULL);
    CREATE INDEX turns_in_line ON turns (tenant, pipeline, stage, key, ticket);
    CREATE INDEX turns_of_run ON turns (run);
    CREATE TABLE executions (tenant TEXT, key TEXT, leader INTEGER NOT NULL, PRIMARY KEY (tenant, key)) WITHOUT ROWID;
    CREATE INDEX executions_of_leader ON executions (leader);
    CREATE TABLE sharers (tenant TEXT, key TEXT, job INTEGER, PRIMARY KEY (tenant, key, job)) WITHOUT ROWID;
    CREATE INDEX sharers_by_job ON sharers (job);
    CREATE TABLE progress (job INTEGER PRIMARY KEY, report BLOB NOT NULL);
    """

  /// Which replay has made a run, what each replay has done, and who asked for it.
  private static let replays = """
    ALTER TABLE runs ADD COLUMN replay TEXT;
    CREATE TABLE event_replays (
      id TEXT PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE replayed_events (
      event INTEGER NOT NULL, replay TEXT NOT NULL, PRIMARY KEY (event, replay)) WITHOUT ROWID;
    """

  private static let revisions = """
    CREATE TABLE revisions (hash TEXT PRIMARY KEY, pipeline TEXT NOT NULL, source TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE activations (
      number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL, reason TEXT NOT NULL,
      restored INTEGER, active BLOB NOT NULL);
    """

  /// How far each schedule has come: the last tick recorded, and what ticked.
  private static let schedules = """
    CREATE TABLE schedules (
      pipeline TEXT PRIMARY KEY, cron TEXT NOT NULL, time_zone TEXT NOT NULL, time INTEGER NOT NULL,
      has_fired INTEGER NOT NULL) WITHOUT ROWID;
    """
}
