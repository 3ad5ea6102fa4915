import AutosaveWorker
import CompressionDriver
import PostgreSQLDriver
import TestPostgres
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Revisions in PostgreSQL", .timeLimit(.minutes(5)))
struct PostgresShelfTests {
  /// A store and a shelf in a database of their own.
  private struct Place {
    let store: PostgresStore
    let shelf: PostgresRevisionShelf
    let environment: Environment
    let epoch: Epoch

    /// Makes a job through an event, and takes it as a host would.
    func authority() async throws -> Authority {
      let id = environment.id()
      let now = environment.time.now
      let event = EventEnvelope(
        id: EventID(id), type: "DocumentSaved", occurredAt: now, tenant: "acme", payload: [:])
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

    func save(_ number: Int, _ content: String, by given: Authority? = nil) async throws -> SaveReceipt {
      let save = Save(
        tenant: "acme", document: "doc", revision: number, contentHash: "hash of \(content)",
        bytes: content.utf8.count, compressed: try Zstandard.compress(Array(content.utf8)))
      let authority = if let given { given } else { try await authority() }
      return try await shelf.keep(save, by: authority, at: environment.time.now)
    }
  }

  private static func with(_ body: (Place) async throws -> Void) async throws {
    try await PostgresServer.withDatabase { database in
      let configuration = try PostgresConfiguration(database.url)
      let migrator = PostgresMigrator(configuration, sequences: [.millrace, .autosave])
      _ = try await migrator.migrate()
      await migrator.close()
      let (pool, environment) = (
        PostgresPool(configuration: configuration), Environment.test(seed: 1, time: ManualTime())
      )
      let store = PostgresStore(pool: pool, environment: environment)
      try await body(
        Place(
          store: store, shelf: PostgresRevisionShelf(pool: pool), environment: environment,
          epoch: try await store.epoch()))
      await pool.close()
    }
  }

  @Test("The newest is the one with the greatest number, and the same content beside it is no revision")
  func keeps() async throws {
    try await Self.with { place in
      #expect(try await place.save(3, "C") == SaveReceipt(isStored: true, head: 3))
      #expect(try await place.save(1, "A") == SaveReceipt(isStored: true, head: 3))
      #expect(try await place.save(2, "A") == SaveReceipt(isStored: false, head: 3))
      #expect(try await place.save(3, "C") == SaveReceipt(isStored: false, head: 3))
      let all = try await place.shelf.history(of: "doc", tenant: "acme", before: nil, limit: 10)
      #expect(all.map(\.number) == [3, 1])
      let older = try await place.shelf.history(of: "doc", tenant: "acme", before: 3, limit: 10)
      #expect(older.map(\.number) == [1] && older.first?.bytes == 1)
      #expect(try await place.shelf.history(of: "doc", tenant: "other", before: nil, limit: 10).isEmpty)
      #expect(try await place.shelf.content(of: "doc", revision: 2, tenant: "acme") == Array("A".utf8))
      #expect(try await place.shelf.content(of: "doc", revision: 4, tenant: "acme") == nil)
    }
  }

  @Test("Other content under a number that is taken is a conflict, and one without authority keeps nothing")
  func refuses() async throws {
    try await Self.with { place in
      let authority = try await place.authority()
      _ = try await place.save(1, "A", by: authority)
      let conflict = await #expect(throws: Failure.self) { try await place.save(1, "B") }
      #expect(conflict?.code == "revision_conflict" && conflict?.kind == .permanent)
      let settlement = Settlement(
        authority: authority, outcome: .succeeded(output: Array("{}".utf8), artifacts: []), host: "host",
        startedAt: nil)
      #expect(try await place.store.settle([settlement]) { _ in RunPlan(state: .succeeded) }.answers == [.settled])
      let lost = await #expect(throws: Failure.self) { try await place.save(2, "C", by: authority) }
      #expect(lost?.code == "authority_lost" && lost?.kind == .transient)
      #expect(try await place.shelf.content(of: "doc", revision: 2, tenant: "acme") == nil)
    }
  }

  @Test("Saves of one document at once leave what they would have left one after the other")
  func savesAtOnce() async throws {
    try await Self.with { place in
      var authorities: [Authority] = []
      for _ in 1...24 { authorities.append(try await place.authority()) }
      try await withThrowingTaskGroup(of: Void.self) { saves in
        for (index, authority) in authorities.enumerated() {
          saves.addTask { _ = try await place.save(index + 1, "Content \(index / 3)", by: authority) }
        }
        try await saves.waitForAll()
      }
      let all = try await place.shelf.history(of: "doc", tenant: "acme", before: nil, limit: 100)
      #expect(all.map(\.number) == stride(from: 22, through: 1, by: -3).map { $0 })
    }
  }
}
