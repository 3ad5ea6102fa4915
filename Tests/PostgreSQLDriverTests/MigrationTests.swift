import PostgreSQLDriver
import TestPostgres
import Testing
import WorkerKit

@Suite("Migrations", .timeLimit(.minutes(5)))
struct MigrationTests {
  private static let first = PostgresMigration(
    "first", "CREATE TABLE millrace.one (a int); CREATE TABLE millrace.two ();")
  private static let second = PostgresMigration("second", "ALTER TABLE millrace.one ADD b int;")

  private static let shed = PostgresMigrations(
    owner: "shed", steps: [PostgresMigration("first", "CREATE TABLE millrace.tools ();")])

  private static func sequence(_ steps: PostgresMigration...) -> PostgresMigrations {
    PostgresMigrations(owner: "garden", steps: steps)
  }

  private static func with<Value>(
    _ database: PostgresDatabase, _ sequences: PostgresMigrations...,
    body: (PostgresMigrator) async throws -> Value
  ) async throws -> Value {
    let migrator = PostgresMigrator(try PostgresConfiguration(database.url), sequences: sequences)
    let result: Result<Value, any Error>
    do { result = .success(try await body(migrator)) } catch { result = .failure(error) }
    await migrator.close()
    return try result.get()
  }

  private static func code(_ body: () async throws -> Void) async -> String? {
    do { try await body() } catch { return (error as? DriverError)?.code }
    return nil
  }

  private static let applied = "SELECT string_agg(owner || number, ' ' ORDER BY owner, number) FROM millrace.migrations"

  @Test("Steps are planned, applied once and in order, each owner's for themselves")
  func applies() async throws {
    try await PostgresServer.withDatabase { database in
      try await Self.with(database, Self.sequence(Self.first, Self.second), Self.shed) { migrator in
        #expect(try await migrator.plan().map(\.isApplied) == [false, false, false])
        #expect(try await database.psql("SELECT to_regnamespace('millrace') IS NULL") == "t")
        #expect(await Self.code { try await migrator.check() } == "schema_too_old")
        var told: [Int] = []
        let all = try await migrator.migrate { told.append($0.number) }
        #expect(told == [1, 2, 1])
        #expect(all.map(\.isApplied) == [true, true, true])
        #expect(try await database.psql(Self.applied) == "garden1 garden2 shed1")
        #expect(try await migrator.migrate().count == 3)
        try await migrator.check()
      }
    }
  }

  @Test("A database that a newer version has migrated is refused, and left alone")
  func refusesNewer() async throws {
    try await PostgresServer.withDatabase { database in
      try await Self.with(database, Self.sequence(Self.first, Self.second)) { _ = try await $0.migrate() }
      try await Self.with(database, Self.sequence(Self.first)) { migrator in
        #expect(await Self.code { try await migrator.check() } == "schema_too_new")
        #expect(await Self.code { _ = try await migrator.migrate() } == "schema_too_new")
      }
      #expect(try await database.psql(Self.applied) == "garden1 garden2")
    }
  }

  @Test("Each owner's steps are judged for themselves, and those of an owner that a program lacks are let be")
  func judgesEachOwner() async throws {
    try await PostgresServer.withDatabase { database in
      try await Self.with(database, Self.sequence(Self.first, Self.second), Self.shed) { _ = try await $0.migrate() }
      try await Self.with(database, Self.sequence(Self.first, Self.second)) { try await $0.check() }
      let roof = PostgresMigration("roof", "CREATE TABLE millrace.roof ();")
      let grown = PostgresMigrations(owner: "shed", steps: Self.shed.steps + [roof])
      try await Self.with(database, Self.sequence(Self.first, Self.second), grown) { migrator async throws in
        #expect(await Self.code { try await migrator.check() } == "schema_too_old")
        #expect(try await migrator.migrate().allSatisfy { $0.isApplied })
      }
      // What one owner lacks is refused whoever else fits.
      try await Self.with(database, Self.sequence(Self.first, Self.second), Self.shed) { migrator in
        #expect(await Self.code { try await migrator.check() } == "schema_too_new")
      }
      let other = PostgresMigrations(owner: "shed", steps: [PostgresMigration("first", "SELECT 1;"), roof])
      try await Self.with(database, Self.sequence(Self.first, Self.second), other) { migrator in
        #expect(await Self.code { _ = try await migrator.migrate() } == "schema_changed")
      }
      try await database.psql("DELETE FROM millrace.migrations WHERE owner = 'shed' AND number = 1")
      try await Self.with(database, Self.sequence(Self.first, Self.second), grown) { migrator in
        #expect(await Self.code { _ = try await migrator.migrate() } == "schema_gap")
      }
      #expect(try await database.psql(Self.applied) == "garden1 garden2 shed2")
    }
  }

  @Test("Two owners of one name are refused, and one without a name")
  func refusesOwners() async throws {
    try await PostgresServer.withDatabase { database in
      for other in ["garden", "", "Shed", "my shed"] {
        let sequence = PostgresMigrations(owner: other, steps: Self.shed.steps)
        try await Self.with(database, Self.sequence(Self.first), sequence) { migrator in
          #expect(await Self.code { _ = try await migrator.plan() } == "schema_owner")
          #expect(await Self.code { _ = try await migrator.migrate() } == "schema_owner")
        }
      }
      #expect(try await database.psql("SELECT to_regnamespace('millrace') IS NULL") == "t")
    }
  }

  @Test("A step that was changed after it was applied is refused")
  func refusesChanges() async throws {
    try await PostgresServer.withDatabase { database in
      try await Self.with(database, Self.sequence(Self.first)) { _ = try await $0.migrate() }
      let changed = PostgresMigration("first", Self.first.script + " ")
      try await Self.with(database, Self.sequence(changed, Self.second)) { migrator in
        #expect(await Self.code { _ = try await migrator.plan() } == "schema_changed")
        #expect(await Self.code { _ = try await migrator.migrate() } == "schema_changed")
      }
      #expect(try await database.psql(Self.applied) == "garden1")
    }
  }

  @Test("A gap in what was applied is refused")
  func refusesGaps() async throws {
    try await PostgresServer.withDatabase { database in
      try await Self.with(database, Self.sequence(Self.first, Self.second)) { migrator in
        _ = try await migrator.migrate()
        try await database.psql("DELETE FROM millrace.migrations WHERE number = 1")
        #expect(await Self.code { _ = try await migrator.migrate() } == "schema_gap")
        #expect(await Self.code { try await migrator.check() } == "schema_gap")
      }
    }
  }

  @Test("A step that fails leaves nothing of itself, and what came before it stays")
  func undoesAFailedStep() async throws {
    try await PostgresServer.withDatabase { database in
      let wrong = PostgresMigration("second", "CREATE TABLE millrace.three (); SELECT * FROM millrace.nowhere;")
      try await Self.with(database, Self.sequence(Self.first, wrong)) { migrator in
        #expect(await Self.code { _ = try await migrator.migrate() } == "postgres_tables")
      }
      #expect(try await database.psql(Self.applied) == "garden1")
      #expect(try await database.psql("SELECT to_regclass('millrace.three') IS NULL") == "t")
      try await Self.with(database, Self.sequence(Self.first, Self.second)) { _ = try await $0.migrate() }
    }
  }

  @Test("A step whose session is ended in its middle is done from its start")
  func survivesItsSessionsEnd() async throws {
    try await PostgresServer.withDatabase { database in
      // The first time it ends its own session, which the sequence, not being undone, remembers.
      try await database.psql(
        "CREATE SEQUENCE public.tries; GRANT ALL ON SEQUENCE public.tries TO \(PostgresServer.role)")
      let step = PostgresMigration(
        "hard",
        """
        CREATE TABLE millrace.one ();
        SELECT CASE nextval('public.tries') WHEN 1 THEN pg_terminate_backend(pg_backend_pid()) END;
        CREATE TABLE millrace.two ();
        """)
      try await Self.with(database, Self.sequence(step)) { migrator async throws in
        #expect(try await migrator.migrate().map(\.isApplied) == [true])
      }
      #expect(try await database.psql("SELECT last_value FROM public.tries") == "2")
      #expect(try await database.psql(Self.applied) == "garden1")
    }
  }

  @Test("Of several that migrate at once each step is done by one")
  func sharesTheWork() async throws {
    try await PostgresServer.withDatabase { database in
      let steps = (1...8).map { PostgresMigration("step \($0)", "CREATE TABLE millrace.table_\($0) ();") }
      let sequence = PostgresMigrations(owner: "garden", steps: steps)
      let told = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<4 {
          group.addTask {
            try await Self.with(database, sequence) { migrator in
              var told = 0
              _ = try await migrator.migrate { _ in told += 1 }
              return told
            }
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(told == 8)
    }
  }
}
