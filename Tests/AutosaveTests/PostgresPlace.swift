import AutosaveWorker
import CompressionDriver
import PostgreSQLDriver
import TestPostgres
import Testing
import WorkerKit
import WorkerKitTesting

/// A store and a shelf in a database of their own, used as servers use them: by a role that owns nothing.
struct PostgresPlace {
  let database: PostgresDatabase
  let store: PostgresStore
  let shelf: PostgresRevisionShelf
  let environment: Environment
  let epoch: Epoch

  static func with(_ body: (PostgresPlace) async throws -> Void) async throws {
    try await PostgresServer.withDatabase { database in
      let migrator = PostgresMigrator(try PostgresConfiguration(database.url), sequences: [.millrace, .autosave])
      _ = try await migrator.migrate()
      await migrator.close()
      try await database.grantRights()
      let pool = PostgresPool(configuration: try PostgresConfiguration(database.serverURL))
      let environment = Environment.test(seed: 1, time: ManualTime())
      let store = PostgresStore(pool: pool, environment: environment)
      try await body(
        PostgresPlace(
          database: database, store: store, shelf: PostgresRevisionShelf(pool: pool), environment: environment,
          epoch: try await store.epoch()))
      await pool.close()
    }
  }

  /// Makes a job through an event, and takes it as a host would.
  func authority(_ tenant: TenantID = "acme") async throws -> Authority {
    let id = environment.id()
    let now = environment.time.now
    let event = EventEnvelope(id: EventID(id), type: "DocumentSaved", occurredAt: now, tenant: tenant, payload: [:])
    #expect(try await store.record([event]) == [.accepted])
    _ = try await store.route(limit: 1000) { event in
      let name = event.id.rawValue
      let job = NewJob(
        id: JobID("J\(name)"), stage: "persist", worker: PersistWorker.name, queue: "autosave",
        input: .resolved(Array("{}".utf8)))
      return [NewRun(id: RunID("R\(name)"), pipeline: "autosave", revision: "0", plan: RunPlan(jobs: [job]))]
    }
    let authority = Authority(job: JobID("J\(id)"), epoch: epoch, fence: Fence(rawValue: 1), holder: "host")
    #expect(try await store.begin([BegunAttempt(authority: authority, startedAt: now)]) == [.kept])
    return authority
  }

  func save(
    _ number: Int, _ content: String, for tenant: TenantID = "acme", by given: Authority? = nil
  ) async throws -> SaveReceipt {
    let save = Save(
      tenant: tenant, document: "doc", revision: number, contentHash: "hash of \(content)",
      bytes: content.utf8.count, compressed: try Zstandard.compress(Array(content.utf8)))
    let authority = if let given { given } else { try await authority(tenant) }
    return try await shelf.keep(save, by: authority, at: environment.time.now)
  }
}
