/// The tables of the store, as the first migration makes them.
///
/// What is alive is small and stands in tables of its own; what is over stands in history, which is partitioned by the
/// order of events and is written once (`PostgresPartitions`). Numbers hold each other (`RowNumbers`), so that an
/// event's runs and a run's jobs are ranges and one partition holds all that follows from its events.
enum StoreTables {
  /// Each statement by itself, in order.
  static let statements =
    [meta, events, runs, live, history, ledger, motion, ordering, revisions, schedules, replays]
    .flatMap { $0.split(separator: ";").map(String.init) }.filter { !$0.allSatisfy(\.isWhitespace) }
    + PostgresPartitions.firstStatements

  /// Facts of the whole store. `origin` names the database that the epoch belongs to.
  private static let meta = """
    CREATE TABLE meta (key text PRIMARY KEY, value bigint NOT NULL);
    INSERT INTO meta VALUES ('epoch', 1), ('filled_epoch', 1), ('probe', 0);
    CREATE TABLE origin (name text NOT NULL);
    CREATE TABLE partitions (first bigint PRIMARY KEY, beyond bigint NOT NULL, made_at bigint NOT NULL);
    """

  /// What came in. `event_keys` alone knows duplicates, since a partitioned table cannot; `unrouted` marks what waits
  /// and is deleted from; an event's own row is never written again. `routings` has one row a batch.
  private static let events = """
    CREATE SEQUENCE event_sequence CACHE 1;
    CREATE TABLE event_keys (
      id text COLLATE "C", tenant text COLLATE "C", source text COLLATE "C", sequence bigint NOT NULL,
      PRIMARY KEY (id, tenant, source));
    CREATE TABLE events (
      sequence bigint PRIMARY KEY, id text COLLATE "C" NOT NULL, tenant text COLLATE "C" NOT NULL,
      source text COLLATE "C" NOT NULL, type text COLLATE "C" NOT NULL, recorded_at bigint NOT NULL,
      envelope bytea NOT NULL) PARTITION BY RANGE (sequence);
    CREATE TABLE unrouted (aside boolean NOT NULL DEFAULT false, event bigint, PRIMARY KEY (aside, event))
      WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
    CREATE TABLE routings (first bigint NOT NULL, last bigint NOT NULL, at bigint NOT NULL);
    CREATE INDEX routings_first ON routings (first, last);
    CREATE INDEX routings_at ON routings (at, last);
    """

  /// Runs, written once; how one stands that has had more than one job, or whose plan said more than how it ended.
  /// The others stand as their only job does (`jobs.run_state`).
  private static let runs = """
    CREATE TABLE runs (
      number bigint PRIMARY KEY, id text COLLATE "C" NOT NULL, tenant text COLLATE "C" NOT NULL,
      pipeline text COLLATE "C" NOT NULL, revision text COLLATE "C" NOT NULL, created_at bigint NOT NULL,
      replay text COLLATE "C") PARTITION BY RANGE (number);
    CREATE INDEX runs_id ON runs (id);
    CREATE INDEX runs_replay ON runs (replay) WHERE replay IS NOT NULL;
    CREATE TABLE run_standings (
      run bigint PRIMARY KEY, state smallint NOT NULL, finished_at bigint NOT NULL, idle bytea, problems bytea)
      PARTITION BY RANGE (run);
    """

  /// Jobs that live. `kinds` holds what all jobs of one stage have in common, under a hash of it.
  private static let live = """
    CREATE TABLE kinds (
      id bigint PRIMARY KEY, pipeline text COLLATE "C" NOT NULL, revision text COLLATE "C" NOT NULL,
      stage text COLLATE "C" NOT NULL, worker text COLLATE "C" NOT NULL, queue text COLLATE "C" NOT NULL,
      priority smallint NOT NULL, lease bigint);
    CREATE TABLE live (
      number bigint PRIMARY KEY, id text COLLATE "C" NOT NULL UNIQUE, run text COLLATE "C" NOT NULL,
      tenant text COLLATE "C" NOT NULL, kind bigint NOT NULL, element bigint, created_at bigint NOT NULL,
      fence bigint NOT NULL, due_at bigint NOT NULL, started_at bigint, attempts integer NOT NULL,
      losses integer NOT NULL, state smallint NOT NULL, named boolean NOT NULL, alone boolean NOT NULL,
      holder text COLLATE "C", waiting_for text COLLATE "C", host text COLLATE "C", failure bytea, cause bytea,
      ordering bytea, unresolved bytea, context bytea, input bytea)
      WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
    CREATE INDEX live_parked ON live (kind) WHERE waiting_for IN ('worker', 'revision');
    CREATE TABLE progress (job bigint PRIMARY KEY, report bytea NOT NULL);
    """

  /// Jobs that have ended, with all that there is to know of them; and those of them that are dead letters.
  private static let history = """
    CREATE TABLE jobs (
      number bigint PRIMARY KEY, id text COLLATE "C" NOT NULL, run text COLLATE "C" NOT NULL,
      tenant text COLLATE "C" NOT NULL, kind bigint NOT NULL, element bigint, created_at bigint NOT NULL,
      fence bigint NOT NULL, due_at bigint NOT NULL, started_at bigint, finished_at bigint NOT NULL,
      attempts integer NOT NULL, losses integer NOT NULL, state smallint NOT NULL, run_state smallint,
      named boolean NOT NULL, holder text COLLATE "C", waiting_for text COLLATE "C", host text COLLATE "C",
      failure bytea, cause bytea, ordering bytea, unresolved bytea, context bytea, input bytea, output bytea,
      artifacts bytea) PARTITION BY RANGE (number);
    CREATE INDEX jobs_named ON jobs (id) WHERE named;
    CREATE TABLE dead (job bigint PRIMARY KEY);
    """

  /// What ended each fence of a job but the newest of one that is over, which stands in `jobs`; what people did.
  private static let ledger = """
    CREATE TABLE attempts (
      job bigint, fence bigint, attempt integer NOT NULL, holder text COLLATE "C", host text COLLATE "C",
      started_at bigint, finished_at bigint NOT NULL, outcome text COLLATE "C" NOT NULL, failure bytea,
      PRIMARY KEY (job, fence)) PARTITION BY RANGE (job);
    CREATE TABLE audit (
      sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at bigint NOT NULL, who text NOT NULL,
      action text NOT NULL, job text COLLATE "C", fence bigint, reason text NOT NULL);
    CREATE INDEX audit_of_job ON audit (job) WHERE job IS NOT NULL;
    """

  /// What was committed and is to be pushed; rows live for milliseconds.
  private static let motion = """
    CREATE TABLE handoffs (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, not_after bigint NOT NULL, jobs bigint[] NOT NULL,
      fences bigint[] NOT NULL) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
    ALTER TABLE handoffs ALTER jobs SET STORAGE EXTERNAL, ALTER fences SET STORAGE EXTERNAL;
    """

  /// What orders jobs among others: rows for the few that have any.
  private static let ordering = """
    CREATE TABLE windows (
      tenant text COLLATE "C", pipeline text COLLATE "C", stage text COLLATE "C", key text COLLATE "C",
      state bytea NOT NULL, at bigint NOT NULL, PRIMARY KEY (tenant, pipeline, stage, key));
    CREATE TABLE turns (
      ticket bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text COLLATE "C" NOT NULL,
      pipeline text COLLATE "C" NOT NULL, stage text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL,
      run text COLLATE "C" NOT NULL);
    CREATE INDEX turns_in_line ON turns (tenant, pipeline, stage, key, ticket);
    CREATE INDEX turns_of_run ON turns (run);
    CREATE TABLE executions (
      tenant text COLLATE "C", key text COLLATE "C", leader bigint NOT NULL, PRIMARY KEY (tenant, key));
    CREATE INDEX executions_of_leader ON executions (leader);
    CREATE TABLE sharers (
      tenant text COLLATE "C", key text COLLATE "C", job bigint, PRIMARY KEY (tenant, key, job));
    CREATE INDEX sharers_by_job ON sharers (job);
    """

  private static let revisions = """
    CREATE TABLE revisions (hash text COLLATE "C" PRIMARY KEY, pipeline text NOT NULL, source bytea NOT NULL);
    CREATE TABLE activations (
      number bigint PRIMARY KEY, at bigint NOT NULL, who text NOT NULL,
      reason text NOT NULL, restored bigint, active bytea NOT NULL);
    """

  /// How far each schedule has come: the last tick recorded, and what ticked.
  private static let schedules = """
    CREATE TABLE schedules (
      pipeline text COLLATE "C" PRIMARY KEY, cron text NOT NULL, time_zone text NOT NULL, time bigint NOT NULL,
      has_fired boolean NOT NULL);
    """

  /// What each replay has done, and who asked for it.
  private static let replays = """
    CREATE TABLE event_replays (
      id text COLLATE "C" PRIMARY KEY, at bigint NOT NULL, who text NOT NULL, reason text NOT NULL);
    CREATE TABLE replayed_events (event bigint, replay text COLLATE "C", PRIMARY KEY (event, replay));
    """
}
