import AutosaveWorker
import TestPostgres
import TestProcesses
import Testing
import WorkerKit

@Suite("Whose revisions are whose in PostgreSQL", .timeLimit(.minutes(5)))
struct TenantRowsTests {
  private static let tables = ["autosave_documents", "autosave_revisions", "autosave_contents"]

  /// Saves for two tenants, and gives `body` the database and an application's role, which owns nothing.
  private static func with(_ body: (PostgresDatabase, String) async throws -> Void) async throws {
    try await PostgresPlace.with { place in
      for tenant: TenantID in ["acme", "other"] {
        for number in 1...2 { _ = try await place.save(number, "\(tenant) \(number)", for: tenant) }
      }
      let role = "app_\(place.database.name)"
      try await place.database.psql(
        """
        CREATE ROLE \(role) LOGIN;
        GRANT USAGE ON SCHEMA millrace TO \(role);
        GRANT SELECT, INSERT, UPDATE, DELETE
          ON millrace.autosave_documents, millrace.autosave_revisions, millrace.autosave_contents TO \(role);
        """)
      let result: Result<Void, any Error>
      do { result = .success(try await body(place.database, role)) } catch { result = .failure(error) }
      try await place.database.psql("DROP OWNED BY \(role); DROP ROLE \(role)")
      try result.get()
    }
  }

  private static func saying(_ tenant: String, _ statements: String) -> String {
    "BEGIN; SELECT set_config('millrace.tenant', '\(tenant)', true) AS said \\gset\n\(statements); COMMIT;"
  }

  @Test("A role sees the rows of the tenant that its transaction names, and none without one; the owner too")
  func shows() async throws {
    try await Self.with { database, app async throws in
      for role in [app, PostgresServer.serverRole, PostgresServer.role] {
        for table in Self.tables {
          let count = "SELECT count(*) FROM millrace.\(table)"
          let some = table == "autosave_documents" ? "1" : "2"
          #expect(try await database.psql(count, role: role) == "0", "\(role), \(table)")
          let seen = "SELECT count(*), min(tenant), max(tenant) FROM millrace.\(table)"
          #expect(try await database.psql(Self.saying("acme", seen), role: role) == "\(some)|acme|acme")
          #expect(try await database.psql(Self.saying("nobody", count), role: role) == "0")
          // The setting ends with its transaction, and leaves an empty text behind.
          let after = Self.saying("acme", count) + count
          #expect(try await database.psql(after, role: role) == "\(some)\n0", "\(role), \(table)")
        }
      }
    }
  }

  @Test("A role writes rows of the tenant that its transaction names, and no other's")
  func writes() async throws {
    try await Self.with { database, role in
      func insertion(_ tenant: String) -> String {
        "INSERT INTO millrace.autosave_documents VALUES ('\(tenant)', 'new', 1)"
      }
      try await database.psql(Self.saying("acme", insertion("acme")), role: role)
      let moving = "UPDATE millrace.autosave_documents SET tenant = 'other', document = 'moved'"
      let refused = [
        Self.saying("acme", insertion("other")), Self.saying("acme", moving), insertion("acme"), insertion(""),
        Self.saying("acme", "SELECT 1") + insertion(""),
      ]
      for statement in refused {
        let error = await #expect(throws: ProgramFailure.self) { try await database.psql(statement, role: role) }
        #expect(error?.description.contains("row-level security") == true, "\(statement)")
      }
      for table in Self.tables { try await database.psql("DELETE FROM millrace.\(table)", role: role) }
      try await database.psql(Self.saying("acme", "UPDATE millrace.autosave_documents SET head = 7"), role: role)
      try await database.psql(Self.saying("acme", "DELETE FROM millrace.autosave_revisions"), role: role)
      let left = "SELECT string_agg(tenant || head, ' ' ORDER BY tenant, document) FROM millrace.autosave_documents"
      #expect(try await database.psql(left) == "acme7 acme7 other2")
      #expect(try await database.psql("SELECT DISTINCT tenant FROM millrace.autosave_revisions") == "other")
    }
  }

  @Test("The worker and the API read and write for one tenant at a time, as a role that owns nothing")
  func worksForOne() async throws {
    try await PostgresPlace.with { place in
      #expect(try await place.save(1, "A", for: "acme").isStored)
      #expect(try await place.save(1, "B", for: "other").isStored)
      #expect(try await place.save(1, "B", for: "other").isStored == false)
      for (tenant, content) in [("acme", "A"), ("other", "B")] as [(TenantID, String)] {
        let kept = try await place.shelf.content(of: "doc", revision: 1, tenant: tenant)
        #expect(kept == Array(content.utf8))
        #expect(try await place.shelf.history(of: "doc", tenant: tenant, before: nil, limit: 9).map(\.number) == [1])
      }
      #expect(try await place.shelf.history(of: "doc", tenant: "nobody", before: nil, limit: 9).isEmpty)
    }
  }

  @Test("Its indexes are used although the policy asks too")
  func usesIndexes() async throws {
    try await Self.with { database, role in
      let plan = try await database.psql(
        Self.saying(
          "acme",
          """
          SET LOCAL enable_seqscan = off;
          EXPLAIN SELECT * FROM millrace.autosave_revisions
          WHERE tenant = 'acme' AND document = 'doc' AND revision < 5 ORDER BY revision DESC LIMIT 1
          """), role: role)
      #expect(plan.contains("Index Cond"), "\(plan)")
      for column in ["document = ", "revision < "] {
        let condition = plan.split(separator: "\n").first { $0.contains("Index Cond") } ?? ""
        #expect(condition.contains(column), "\(plan)")
      }
    }
  }
}
