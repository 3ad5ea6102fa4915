public import PostgreSQLDriver

extension PostgresMigrations {
  /// The tables in which `autosave.persist` keeps revisions.
  public static let autosave = PostgresMigrations(
    owner: "autosave",
    steps: [
      PostgresMigration(
        "documents, revisions and their contents",
        """
        CREATE TABLE millrace.autosave_documents (
          tenant text COLLATE "C", document text COLLATE "C", head bigint NOT NULL, PRIMARY KEY (tenant, document));
        CREATE TABLE millrace.autosave_revisions (
          tenant text COLLATE "C", document text COLLATE "C", revision bigint, hash text COLLATE "C" NOT NULL,
          saved_at bigint NOT NULL, job text NOT NULL, PRIMARY KEY (tenant, document, revision));
        CREATE TABLE millrace.autosave_contents (
          tenant text COLLATE "C", hash text COLLATE "C", bytes bigint NOT NULL, body bytea NOT NULL,
          PRIMARY KEY (tenant, hash));
        """),
      PostgresMigration(
        "each tenant's rows for that tenant alone",
        ["documents", "revisions", "contents"].map { table in
          """
          ALTER TABLE millrace.autosave_\(table) ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
          CREATE POLICY autosave_tenant ON millrace.autosave_\(table)
            USING (tenant = nullif(current_setting('millrace.tenant', true), ''))
            WITH CHECK (tenant = nullif(current_setting('millrace.tenant', true), ''));
          """
        }.joined(separator: "\n")),
    ])
}
