/// The outbox: what applications emit in their own transactions, until a dispatcher takes it.
enum OutboxTables {
  static let script = tables + "\n" + EmitFunction.script

  /// `outbox_refused` keeps what could not be read as an event, for a person.
  private static let tables = """
    CREATE TABLE millrace.outbox (
      place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, envelope jsonb NOT NULL)
      WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
    CREATE TABLE millrace.outbox_refused (
      place bigint PRIMARY KEY, refused_at timestamptz NOT NULL DEFAULT clock_timestamp(), reason text NOT NULL,
      envelope jsonb NOT NULL);
    """
}
