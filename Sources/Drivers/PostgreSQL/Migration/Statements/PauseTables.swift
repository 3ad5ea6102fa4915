/// What is paused, and a version that grows with every change; what persons paused and resumed stands in the audit.
enum PauseTables {
  static let script = """
    CREATE TABLE millrace.pauses (
      scope text COLLATE "C" PRIMARY KEY, at bigint NOT NULL, who text NOT NULL, reason text NOT NULL);
    INSERT INTO millrace.meta VALUES ('pauses', 0);
    ALTER TABLE millrace.audit ADD scope text COLLATE "C";
    CREATE INDEX audit_of_scope ON millrace.audit (sequence) WHERE scope IS NOT NULL;
    """
}
