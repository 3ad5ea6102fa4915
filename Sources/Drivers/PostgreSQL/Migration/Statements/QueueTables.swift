/// The tables of the queue, for who keeps it in the database as well.
///
/// They are unlogged: what is in them costs no log, and after a crash of the server, on a promoted standby and in a
/// backup they are empty, the row that says that the queue is open included. Rows come and go within milliseconds, and
/// an entry is written twice in its life: when it comes and when it is leased. `queue_choice` says which queue is in
/// force, this one or another; it is a fact, and logged.
enum QueueTables {
  static let script = [whole, entries, lanes, limits].joined(separator: "\n")

  /// What concerns all queues; of each queue how far its turns have come, and until when somebody waits.
  private static let whole = """
    CREATE UNLOGGED TABLE millrace.queue_open (
      id smallint PRIMARY KEY, epoch bigint NOT NULL, is_open boolean NOT NULL, version bigint NOT NULL,
      stamp bigint NOT NULL, controls bytea NOT NULL);
    CREATE UNLOGGED TABLE millrace.queue_turns_served (
      queue text COLLATE "C" PRIMARY KEY, high bigint NOT NULL, normal bigint NOT NULL, low bigint NOT NULL,
      normal_passed bigint NOT NULL, low_passed bigint NOT NULL);
    CREATE UNLOGGED TABLE millrace.queue_awaited (queue text COLLATE "C" PRIMARY KEY, until_at bigint NOT NULL);
    CREATE TABLE millrace.queue_choice (id smallint PRIMARY KEY, name text NOT NULL);
    """

  /// What waits, and what is leased, with the limits that its lease counts for.
  private static let entries = """
    CREATE UNLOGGED TABLE millrace.queue_entries (
      job text COLLATE "C" PRIMARY KEY, queue text COLLATE "C" NOT NULL, lane bigint NOT NULL, due_at bigint NOT NULL,
      fence bigint NOT NULL, lease bigint, holder text COLLATE "C", expires_at bigint,
      revoked boolean NOT NULL DEFAULT false, keys bigint[]) WITH (\(busy), fillfactor = 80);
    CREATE INDEX queue_waiting ON millrace.queue_entries (lane, due_at, job) WHERE holder IS NULL;
    CREATE INDEX queue_leased ON millrace.queue_entries (expires_at) WHERE holder IS NOT NULL;
    """

  /// Who takes turns, and the lanes of each. `ready_at` is when something may be taken; nil where that is not known.
  private static let lanes = """
    CREATE UNLOGGED TABLE millrace.queue_turns (
      id bigint PRIMARY KEY, queue text COLLATE "C" NOT NULL, priority smallint NOT NULL, pass bigint NOT NULL,
      is_ready boolean NOT NULL, ready_at bigint) WITH (\(small));
    CREATE INDEX queue_turns_ready ON millrace.queue_turns (queue, priority, pass) WHERE is_ready;
    CREATE INDEX queue_turns_later ON millrace.queue_turns (queue, ready_at) WHERE NOT is_ready;
    CREATE UNLOGGED TABLE millrace.queue_lanes (
      id bigint PRIMARY KEY, turn bigint NOT NULL, content bytea NOT NULL, keys bigint[], is_held boolean NOT NULL,
      ready_at bigint, waits_for bigint, pass bigint NOT NULL) WITH (\(small));
    CREATE INDEX queue_lanes_ready ON millrace.queue_lanes (turn, ready_at);
    CREATE INDEX queue_lanes_waiting ON millrace.queue_lanes (waits_for, pass, id) WHERE waits_for IS NOT NULL;
    """

  /// Keys of limits that count for something: when their buckets are full, in microseconds, and how many slots are
  /// taken. `freed` where one is free and a lane waits for it.
  private static let limits = """
    CREATE UNLOGGED TABLE millrace.queue_limits (
      key bigint PRIMARY KEY, queue text COLLATE "C" NOT NULL, full_at bigint NOT NULL, under_way bigint NOT NULL,
      most bigint, waited boolean NOT NULL, freed boolean NOT NULL) WITH (\(small));
    CREATE INDEX queue_limits_freed ON millrace.queue_limits (queue) WHERE freed;
    """

  /// Rows that are dead are taken away soon, and without pauses: there are as many of them as jobs.
  private static let busy = """
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0
    """
  private static let small = """
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0,
      fillfactor = 50
    """
}
