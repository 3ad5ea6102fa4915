/// The tables of the queue, for who keeps it in the database as well.
///
/// They are unlogged: what is in them costs no log, and after a crash of the server, on a promoted standby and in a
/// backup they are empty, the row that says that the queue is open included. Rows come and go within milliseconds, and
/// an entry is written twice in its life: when it comes and when it is leased. `queue_choice` says which queue is in
/// force, this one or another; it is a fact, and logged.
enum QueueTables {
  static let script = """
    CREATE UNLOGGED TABLE millrace.queue_open (id smallint PRIMARY KEY, epoch bigint NOT NULL, is_open boolean NOT NULL);
    CREATE UNLOGGED TABLE millrace.queue_lanes (
      id bigint PRIMARY KEY, queue text COLLATE "C" NOT NULL, priority smallint NOT NULL);
    CREATE INDEX queue_lanes_in_order ON millrace.queue_lanes (queue, priority, id);
    CREATE UNLOGGED TABLE millrace.queue_entries (
      job text COLLATE "C" PRIMARY KEY, lane bigint NOT NULL, due_at bigint NOT NULL, fence bigint NOT NULL, lease bigint,
      holder text COLLATE "C", expires_at bigint, revoked boolean NOT NULL DEFAULT false)
      WITH (\(busy), fillfactor = 80);
    CREATE INDEX queue_waiting ON millrace.queue_entries (lane, due_at, job) WHERE holder IS NULL;
    CREATE INDEX queue_leased ON millrace.queue_entries (expires_at) WHERE holder IS NOT NULL;
    CREATE UNLOGGED TABLE millrace.queue_awaited (queue text COLLATE "C" PRIMARY KEY, until_at bigint NOT NULL);
    CREATE TABLE millrace.queue_choice (id smallint PRIMARY KEY, name text NOT NULL);
    """

  /// Rows that are dead are taken away soon, and without pauses: there are as many of them as jobs.
  private static let busy = """
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0
    """
}
