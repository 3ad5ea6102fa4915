import PostgreSQLDriver
import TestPostgres
import Testing
import WorkerKit
import WorkerKitTesting

/// What any worker that keeps tables does: it brings steps of its own, and writes in its own transactions.
@Suite("Tables of a worker", .timeLimit(.minutes(5)))
struct WorkerTablesTests {
  private static let garden = PostgresMigrations(
    owner: "garden",
    steps: [
      PostgresMigration(
        "beds",
        """
        CREATE TABLE millrace.garden_beds (tenant text, plant text);
        ALTER TABLE millrace.garden_beds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY garden_tenant ON millrace.garden_beds
          USING (tenant = nullif(current_setting('millrace.tenant', true), ''))
          WITH CHECK (tenant = nullif(current_setting('millrace.tenant', true), ''));
        """)
    ])

  @Test("A worker's transaction writes for one tenant, where its authority stands, as a role that owns nothing")
  func plants() async throws {
    try await PostgresServer.withDatabase { database in
      let migrator = PostgresMigrator(try PostgresConfiguration(database.url), sequences: [.millrace, Self.garden])
      #expect(try await migrator.migrate().last?.owner == "garden")
      await migrator.close()
      try await database.grantRights()
      try await PostgresPool.with(database.serverURL) { pool async throws in
        let time = ManualTime()
        let environment = Environment.test(seed: 1, time: time)
        let store = PostgresStore(pool: pool, environment: environment)
        let desk = StoreDesk(database: database, pool: pool, store: store, time: time, environment: environment)
        let job = try await desk.start(1)[0].job
        let authority = desk.success(job).authority
        #expect(try await Self.plant("rose", for: "acme", authority, pool))
        #expect(try await desk.store.settle([desk.success(job)], plan: StoreDesk.ending).answers == [.settled])
        #expect(try await Self.plant("oak", for: "acme", authority, pool) == false)
        #expect(try await Self.planted(for: "acme", pool) == 1)
        #expect(try await Self.planted(for: "other", pool) == 0)
        let unsaid = await #expect(throws: DriverError.self) {
          try await pool.write { try $0.run("INSERT INTO garden_beds VALUES ('acme', 'ivy')") }
        }
        #expect(unsaid?.code == "postgres_denied")
      }
    }
  }

  private static func plant(
    _ plant: String, for tenant: TenantID, _ authority: Authority, _ pool: PostgresPool
  ) async throws -> Bool {
    try await pool.write { transaction in
      guard try transaction.admits(authority) else { return false }
      try transaction.restrict(to: tenant)
      try transaction.run("INSERT INTO garden_beds VALUES ($1, $2)", [.text(tenant.rawValue), .text(plant)])
      return true
    }
  }

  private static func planted(for tenant: TenantID, _ pool: PostgresPool) async throws -> Int {
    try await pool.read { transaction in
      try transaction.restrict(to: tenant)
      return Int(try transaction.rows("SELECT count(*) FROM garden_beds").integer(0, 0))
    }
  }
}
