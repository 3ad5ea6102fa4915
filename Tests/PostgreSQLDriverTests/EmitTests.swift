import PostgreSQLDriver
import TestPostgres
import TestProcesses
import Testing
import WorkerKit

@Suite("millrace.emit", .timeLimit(.minutes(5)))
struct EmitTests {
  private static let envelope = "SELECT envelope FROM millrace.outbox"

  @Test("Every field of the envelope is written as an event reads it")
  func writesEveryField() async throws {
    try await PostgresServer.withDatabase(from: .migrated) { database in
      let id = try await database.psql(
        """
        SELECT millrace.emit('MediaUploaded', 'acme', '{"n": 1, "nothing": null}', id => 'upload-1', source => 'app',
          version => 2, occurred_at => '2026-11-21 10:04:32.5+01', actor_id => 'user-1',
          resource => '{"kind": "media", "id": "m-1"}', correlation_id => 'request-1',
          traceparent => '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate => 'a=b',
          context => '{"workspace_id": "w"}', provenance => '{"source_ip": "192.0.2.1"}')
        """)
      #expect(id == "upload-1")
      let text = try await database.psql(Self.envelope)
      let event = try EventEnvelope.read(try JSONReader.parse(text), now: Timestamp(milliseconds: 0))
      let expected = EventEnvelope(
        id: "upload-1", source: "app", type: "MediaUploaded", version: 2,
        occurredAt: try #require(Timestamp(rfc3339: "2026-11-21T09:04:32.500Z")), tenant: "acme", actor: "user-1",
        resource: .init(kind: "media", id: "m-1"), correlationID: "request-1",
        traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", traceState: "a=b",
        context: ["workspace_id": "w"], provenance: ["source_ip": "192.0.2.1"],
        payload: .object(["n": .integer(1), "nothing": .null]))
      #expect(event == expected)
    }
  }

  @Test("Without an id an event gets a ULID of this moment, and each another")
  func makesIdentifiers() async throws {
    try await PostgresServer.withDatabase(from: .migrated) { database in
      let output = try await database.psql(
        """
        SELECT extract(epoch FROM clock_timestamp())::bigint * 1000;
        SELECT millrace.emit('A', 'acme', '{}') FROM generate_series(1, 50);
        """)
      let lines = output.split(separator: "\n").map(String.init)
      let moment = try #require(Int64(lines[0]))
      let ids = try lines.dropFirst().map { try #require(ULID($0)) }
      #expect(Set(ids).count == 50)
      #expect(ids.allSatisfy { abs($0.milliseconds - moment) < 600_000 })
    }
  }

  @Test("What commits is there, and what is rolled back never was")
  func followsTheTransaction() async throws {
    try await PostgresServer.withDatabase(from: .migrated) { database in
      try await database.psql(
        """
        BEGIN; SELECT millrace.emit('A', 'acme', '{}', id => 'kept'); COMMIT;
        BEGIN; SELECT millrace.emit('A', 'acme', '{}', id => 'undone'); ROLLBACK;
        """)
      #expect(try await database.psql("SELECT envelope ->> 'id' FROM millrace.outbox") == "kept")
    }
  }

  @Test(
    "What is no event is refused where it is emitted, with its field and a reason",
    arguments: [
      ("NULL, 'acme', '{}'", "22023", "type"), ("'', 'acme', '{}'", "22023", "type"),
      ("'A b', 'acme', '{}'", "22023", "type"), ("'A', '', '{}'", "22023", "tenant_id"),
      ("'A', NULL, '{}'", "22023", "tenant_id"), ("'A', '../acme', '{}'", "22023", "tenant_id"),
      ("'A', 'acme', NULL", "22023", "payload"), ("'A', 'acme', '{}', id => ''", "22023", "id"),
      ("'A', 'acme', '{}', id => repeat('x', 129)", "22023", "id"),
      ("'A', 'acme', '{}', id => E'a\\nb'", "22023", "id"),
      ("'A', 'acme', to_jsonb(repeat('x', 262144))", "54000", "payload"),
      ("'A', 'acme', '{}', version => 0", "22023", "version"),
      ("'A', 'acme', '{}', source => ''", "22023", "source"),
      ("'A', 'acme', '{}', actor_id => repeat('x', 1025)", "22023", "actor_id"),
      ("'A', 'acme', '{}', resource => '{\"kind\": \"media\"}'", "22023", "resource"),
      ("'A', 'acme', '{}', resource => '[]'", "22023", "resource"),
      ("'A', 'acme', '{}', context => '{\"a\": 1}'", "22023", "context"),
      ("'A', 'acme', '{}', context => '{\"a\": [\"b\"]}'", "22023", "context"),
      ("'A', 'acme', '{}', context => '[\"b\"]'", "22023", "context"),
      ("'A', 'acme', '{}', provenance => '{\"colour\": \"red\"}'", "22023", "provenance"),
      ("'A', 'acme', '\"\\u0000\"'", "22P05", "0000"),
    ])
  func refuses(_ arguments: String, _ state: String, _ field: String) async throws {
    try await PostgresServer.withDatabase(from: .migrated) { database in
      let error = await #expect(throws: ProgramFailure.self) {
        try await database.psql("\\set VERBOSITY verbose\nSELECT millrace.emit(\(arguments))")
      }
      let words = try #require(error?.description)
      #expect(words.contains(state), "\(words)")
      #expect(words.contains(field), "\(words)")
      #expect(try await database.psql(Self.envelope).isEmpty)
    }
  }

  @Test("The transaction has its number before the event has its place, so that who drains sees it under way")
  func numbersTheTransactionFirst() async throws {
    try await PostgresServer.withDatabase(from: .migrated) { database in
      // Places are given before this trigger; without a number by then the transaction could not be seen.
      try await database.psql(
        """
        CREATE FUNCTION public.look() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.place IS NULL OR pg_current_xact_id_if_assigned() IS NULL THEN RAISE 'unseen'; END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER look BEFORE INSERT ON millrace.outbox FOR EACH ROW EXECUTE FUNCTION public.look();
        """)
      for id in ["one", "two"] { try await database.psql("SELECT millrace.emit('A', 'acme', '{}', id => '\(id)')") }
      let within = "BEGIN; SAVEPOINT s; SELECT millrace.emit('A', 'acme', '{}', id => 'three'); RELEASE s; COMMIT;"
      #expect(try await database.psql(within) == "three")
      await #expect(throws: ProgramFailure.self, "The trigger does see who has none.") {
        try await database.psql("INSERT INTO millrace.outbox (envelope) VALUES ('{}')")
      }
    }
  }

  @Test("The largest payload goes through")
  func takesTheLargest() async throws {
    try await PostgresServer.withDatabase(from: .migrated) { database in
      try await database.psql("SELECT millrace.emit('A', 'acme', to_jsonb(repeat('x', 262142)))")
      #expect(try await database.psql("SELECT count(*) FROM millrace.outbox") == "1")
    }
  }

  @Test("A role needs the right to execute and no other, and cannot bend what the function calls")
  func needsOneRight() async throws {
    try await PostgresServer.withDatabase(from: .migrated) { database in
      let role = "app_\(database.name)"
      try await database.psql("CREATE ROLE \(role) LOGIN; GRANT USAGE ON SCHEMA millrace TO \(role)")
      let emit = "SELECT millrace.emit('A', 'acme', '{}', id => 'one')"
      await #expect(throws: ProgramFailure.self) { try await database.psql(emit, role: role) }
      try await database.psql("GRANT EXECUTE ON FUNCTION millrace.emit TO \(role)")
      // A temporary function or table of the caller's must not be taken for one of the server's.
      let trap = """
        CREATE FUNCTION pg_temp.octet_length(text) RETURNS integer LANGUAGE sql AS 'SELECT 1 / 0';
        CREATE TEMPORARY TABLE outbox (envelope jsonb);
        SET search_path = pg_temp, pg_catalog;
        """
      #expect(try await database.psql(trap + emit, role: role) == "one")
      for forbidden in ["SELECT * FROM millrace.outbox", "DELETE FROM millrace.outbox"] {
        await #expect(throws: ProgramFailure.self) { try await database.psql(forbidden, role: role) }
      }
      #expect(try await database.psql("SELECT envelope ->> 'id' FROM millrace.outbox") == "one")
      try await database.psql("DROP OWNED BY \(role); DROP ROLE \(role)")
    }
  }
}
