import WorkerKit

/// The tables, in numbered steps that only go forward.
enum SQLiteSchema {
  /// Brings a file up to date; refuses one that a newer version has written, or one of before the first release.
  static func apply(to connection: SQLiteConnection) throws(DriverError) {
    guard try version(of: connection) < newest else { return }
    try connection.execute("BEGIN IMMEDIATE")
    // Read again: another process may have brought the file up to date while this one waited for its turn.
    let version = try version(of: connection)
    for step in steps.dropFirst(version == 0 ? 0 : version - oldest + 1) { try connection.execute(step) }
    try connection.execute("PRAGMA user_version=\(newest); COMMIT")
  }

  private static func version(of connection: SQLiteConnection) throws(DriverError) -> Int {
    let version = try connection.statement("PRAGMA user_version").first { Int($0.integer(0)) } ?? 0
    guard version <= newest else {
      throw DriverError(
        .damaged, "schema_too_new", "The database was written by a newer version; run that version.",
        detail: "schema \(version), known up to \(newest)")
    }
    guard version == 0 || version >= oldest else {
      throw DriverError(
        .damaged, "schema_too_old",
        "The database was written before the first release; move the file away and begin with a new one.",
        detail: "schema \(version), known from \(oldest)")
    }
    return version
  }

  /// The version that the first step makes.
  private static let oldest = 2
  private static var newest: Int { oldest + steps.count - 1 }
  private static let steps = [
    events + runs + ledger + motion + revisions + ordering + schedules + replays, whatFewHave, lanes, pauses,
  ]

  /// What came in. Routing writes one row a batch and leaves the events' own rows alone: `routed` in `meta` is the last
  /// event that was looked at, `routings` says when, and `unplanned` keeps those aside that could not be planned.
  private static let events = """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO meta VALUES ('epoch', 1), ('queue_epoch', 1), ('filled_epoch', 1), ('probe', 0), ('routed', 0);
    CREATE TABLE events (
      sequence INTEGER PRIMARY KEY, id TEXT NOT NULL, tenant TEXT NOT NULL, source TEXT NOT NULL,
      recorded_at INTEGER NOT NULL, envelope BLOB NOT NULL);
    CREATE UNIQUE INDEX events_identity ON events (id, tenant, source);
    CREATE TABLE routings (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, at INTEGER NOT NULL);
    CREATE TABLE unplanned (event INTEGER PRIMARY KEY, routed_at INTEGER);
    CREATE INDEX unplanned_waiting ON unplanned (event) WHERE routed_at IS NULL;
    """

  /// Numbers hold each other (`RowNumbers`): what belongs together is found without an index. `ends` is written once
  /// for each job that has ended, so that the job's own row, input and all, is not written again.
  private static let runs = """
    CREATE TABLE runs (
      sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL, pipeline TEXT NOT NULL,
      revision TEXT NOT NULL, created_at INTEGER NOT NULL, state INTEGER NOT NULL, finished_at INTEGER NOT NULL,
      idle BLOB, problems BLOB, replay TEXT);
    CREATE TABLE jobs (
      sequence INTEGER PRIMARY KEY, stage TEXT NOT NULL, element INTEGER, name TEXT, worker TEXT NOT NULL,
      queue TEXT NOT NULL, priority INTEGER NOT NULL, lease INTEGER, ordering BLOB, created_at INTEGER NOT NULL,
      state TEXT NOT NULL, fence INTEGER NOT NULL, holder TEXT, attempts INTEGER NOT NULL, losses INTEGER NOT NULL,
      due_at INTEGER NOT NULL, entry_due INTEGER NOT NULL, started_at INTEGER, waiting_for TEXT, host TEXT,
      failure BLOB, context BLOB, unresolved TEXT, input BLOB);
    CREATE UNIQUE INDEX jobs_named ON jobs (name) WHERE name IS NOT NULL;
    CREATE INDEX jobs_parked ON jobs (worker) WHERE state = 'PENDING';
    CREATE TABLE ends (
      job INTEGER PRIMARY KEY, state TEXT NOT NULL, holder TEXT, attempts INTEGER NOT NULL, host TEXT,
      started_at INTEGER, finished_at INTEGER NOT NULL, reason TEXT, output BLOB, artifacts BLOB, failure BLOB);
    CREATE INDEX ends_dead ON ends (job) WHERE state IN ('FAILED', 'TIMED_OUT');
    """

  private static let ledger = """
    CREATE TABLE attempts (
      job INTEGER NOT NULL, fence INTEGER NOT NULL, attempt INTEGER NOT NULL, holder TEXT, host TEXT,
      started_at INTEGER, finished_at INTEGER NOT NULL, outcome TEXT NOT NULL, failure BLOB,
      PRIMARY KEY (job, fence)) WITHOUT ROWID;
    CREATE TABLE audit (
      sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, job TEXT,
      fence INTEGER, reason TEXT NOT NULL);
    CREATE TABLE handoffs (id INTEGER PRIMARY KEY AUTOINCREMENT, not_after INTEGER NOT NULL, entries BLOB NOT NULL);
    """

  /// What may be wiped at any moment: the queue. Its times are those of `SQLiteQueueClock`. `lanes` lays out anew what
  /// waits.
  private static let motion = """
    CREATE TABLE waiting (
      queue TEXT NOT NULL, priority INTEGER NOT NULL, due_at INTEGER NOT NULL, job INTEGER NOT NULL, id TEXT NOT NULL,
      fence INTEGER NOT NULL, lease INTEGER, PRIMARY KEY (queue, priority, due_at, job)) WITHOUT ROWID;
    CREATE TABLE leases (
      job INTEGER PRIMARY KEY, id TEXT NOT NULL, fence INTEGER NOT NULL, queue TEXT NOT NULL, holder TEXT NOT NULL,
      expires_at INTEGER NOT NULL);
    CREATE TABLE clock (
      id INTEGER PRIMARY KEY, origin TEXT NOT NULL, wall INTEGER NOT NULL, monotonic INTEGER NOT NULL);
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

  /// What each replay has done, and who asked for it.
  private static let replays = """
    CREATE TABLE event_replays (
      id TEXT PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE replayed_events (
      event INTEGER NOT NULL, replay TEXT NOT NULL, PRIMARY KEY (event, replay)) WITHOUT ROWID;
    """

  /// Indexes of what few jobs have, so that a job without it costs nothing: a person's deed, an end as superseded.
  private static let whatFewHave = """
    CREATE INDEX audit_of_job ON audit (job) WHERE job IS NOT NULL;
    CREATE INDEX ends_superseded ON ends (finished_at) WHERE reason = 'superseded';
    """

  /// What is paused, and a version that grows with every change; what persons paused and resumed stands in the audit.
  private static let pauses = """
    CREATE TABLE pauses (scope TEXT PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, reason TEXT NOT NULL)
      WITHOUT ROWID;
    INSERT INTO meta VALUES ('pauses', 0);
    ALTER TABLE audit ADD COLUMN scope TEXT;
    CREATE INDEX audit_of_scope ON audit (sequence) WHERE scope IS NOT NULL;
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

  /// Whose turn it is in a queue, and what is limited: wiped with it.
  ///
  /// An entry that waits stands under its lane and under `jobs.entry_due`, so that it is found from its job without an
  /// index of its own. A fair key has one pass; its lanes take turns among themselves. What waited before there were
  /// lanes is laid out by tenant and stage, as everything was.
  private static let lanes = """
    CREATE TABLE fair_keys (
      id INTEGER PRIMARY KEY, queue TEXT NOT NULL, priority INTEGER NOT NULL, name TEXT NOT NULL,
      standing INTEGER NOT NULL, pass INTEGER NOT NULL);
    CREATE UNIQUE INDEX fair_keys_named ON fair_keys (queue, priority, name);
    CREATE INDEX fair_keys_in_turn ON fair_keys (queue, priority, standing, pass);
    CREATE TABLE lanes (
      id INTEGER PRIMARY KEY, fair_key INTEGER NOT NULL, queue TEXT NOT NULL, tenant TEXT NOT NULL,
      pipeline TEXT NOT NULL, stage TEXT NOT NULL, flow BLOB NOT NULL, turn INTEGER NOT NULL, hold INTEGER NOT NULL,
      until INTEGER, limit_name TEXT, limit_key TEXT);
    CREATE UNIQUE INDEX lanes_named ON lanes (fair_key, tenant, pipeline, stage, flow);
    CREATE INDEX lanes_ready ON lanes (fair_key, turn) WHERE hold = 0;
    CREATE INDEX lanes_delayed ON lanes (queue, until) WHERE hold = 1;
    CREATE INDEX lanes_limited ON lanes (limit_name, limit_key, turn) WHERE hold = 2;
    CREATE INDEX lanes_paused ON lanes (fair_key) WHERE hold = 3;
    CREATE TABLE priorities (
      queue TEXT, priority INTEGER, served INTEGER NOT NULL, passed_over INTEGER NOT NULL,
      PRIMARY KEY (queue, priority)) WITHOUT ROWID;
    CREATE TABLE slots (
      limit_name TEXT, limit_key TEXT, job INTEGER, PRIMARY KEY (limit_name, limit_key, job)) WITHOUT ROWID;
    CREATE TABLE buckets (
      limit_name TEXT, limit_key TEXT, full_at INTEGER NOT NULL, PRIMARY KEY (limit_name, limit_key)) WITHOUT ROWID;
    CREATE TABLE wakes (
      limit_name TEXT, limit_key TEXT, at INTEGER NOT NULL, PRIMARY KEY (limit_name, limit_key)) WITHOUT ROWID;
    CREATE INDEX wakes_in_time ON wakes (at);
    CREATE TABLE controls (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, content BLOB NOT NULL);
    ALTER TABLE leases ADD COLUMN flow BLOB;

    INSERT INTO fair_keys (queue, priority, name, standing, pass)
      SELECT DISTINCT waiting.queue, waiting.priority, tenant, 1, 0
      FROM waiting JOIN runs ON runs.sequence = waiting.job / \(RowNumbers.jobsOfRun);
    INSERT INTO lanes (fair_key, queue, tenant, pipeline, stage, flow, turn, hold)
      SELECT DISTINCT fair_keys.id, waiting.queue, tenant, pipeline, stage, x'', 0, 0
      FROM waiting JOIN runs ON runs.sequence = waiting.job / \(RowNumbers.jobsOfRun)
        JOIN jobs ON jobs.sequence = waiting.job
        JOIN fair_keys ON fair_keys.queue = waiting.queue AND fair_keys.priority = waiting.priority
          AND fair_keys.name = tenant;
    ALTER TABLE waiting RENAME TO waiting_before;
    CREATE TABLE waiting (
      lane INTEGER NOT NULL, due_at INTEGER NOT NULL, job INTEGER NOT NULL, id TEXT NOT NULL, fence INTEGER NOT NULL,
      lease INTEGER, PRIMARY KEY (lane, due_at, job)) WITHOUT ROWID;
    INSERT INTO waiting (lane, due_at, job, id, fence, lease)
      SELECT lanes.id, before.due_at, before.job, before.id, before.fence, before.lease
      FROM waiting_before AS before JOIN runs ON runs.sequence = before.job / \(RowNumbers.jobsOfRun)
        JOIN jobs ON jobs.sequence = before.job
        JOIN fair_keys ON fair_keys.queue = before.queue AND fair_keys.priority = before.priority
          AND fair_keys.name = runs.tenant
        JOIN lanes ON lanes.fair_key = fair_keys.id AND lanes.tenant = runs.tenant AND lanes.pipeline = runs.pipeline
          AND lanes.stage = jobs.stage;
    DROP TABLE waiting_before;
    """
}
