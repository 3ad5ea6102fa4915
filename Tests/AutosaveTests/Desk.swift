import AutosaveWorker
import Foundation
import Logging
import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

/// The worker over a real file, with jobs that the store admits, for one test.
struct Desk: Sendable {
  let embedded: SQLiteEmbedded
  let shelf: SQLiteRevisionShelf
  let environment: Environment
  let time: ManualTime

  static func open(seed: UInt64 = 1, _ body: (Desk) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "autosave-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let time = ManualTime()
    let environment = Environment.test(seed: seed, time: time)
    let embedded = try SQLiteEmbedded(path: "\(folder)/millrace.db", environment: environment)
    let result: Result<Void, any Error>
    do {
      let shelf = try await SQLiteRevisionShelf(database: embedded.database)
      result = .success(try await body(Desk(embedded: embedded, shelf: shelf, environment: environment, time: time)))
    } catch { result = .failure(error) }
    await embedded.database.close()
    try FileManager.default.removeItem(atPath: folder)
    try result.get()
  }

  /// Creates a job through an event, and leases it from a queue of its own.
  func lease(tenant: TenantID = "acme") async throws -> Lease {
    let id = environment.id()
    let event = EventEnvelope(
      id: EventID(id), type: "DocumentSaved", occurredAt: time.now, tenant: tenant, payload: [:])
    #expect(try await embedded.store.record([event]) == [.accepted])
    // Another task's routing may take this event along, so the plan is made of the event alone.
    _ = try await embedded.store.route(limit: 1000) { event in
      let name = event.id.rawValue
      let job = NewJob(
        id: JobID("J\(name)"), stage: "persist", worker: PersistWorker.name, queue: QueueName(name),
        input: .resolved(Array("{}".utf8)))
      return [NewRun(id: RunID("R\(name)"), pipeline: "autosave", revision: "0", plan: RunPlan(jobs: [job]))]
    }
    let leases = try await embedded.queue.lease(
      LeaseRequest(queue: QueueName(id), limit: 1, length: .seconds(15), host: "host", wait: .zero))
    return try #require(leases.first)
  }

  /// Runs the worker as a host does: with options out of JSON.
  func save(_ options: JSON, tenant: TenantID = "acme", under lease: Lease? = nil) async throws -> PersistWorker.Output
  {
    let authority = if let lease { lease.authority } else { try await self.lease(tenant: tenant).authority }
    let context = WorkerContext(
      job: authority.job, run: "run", tenant: tenant, pipeline: "autosave", stage: "persist", attempt: 1,
      authority: authority, logFields: [:], baseLog: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      environment: environment)
    let reader = try OptionReader(options, fields: PersistWorker.Options.fields)
    return try await PersistWorker(shelf: shelf).run(PersistWorker.Options(reader), context: context)
  }

  /// Saves a text and answers the worker's output.
  @discardableResult
  func save(
    _ revision: Int, _ content: String, of document: String = "doc", tenant: TenantID = "acme",
    under lease: Lease? = nil
  ) async throws -> JSON {
    try await save(
      ["document": .string(document), "revision": .integer(Int64(revision)), "content": .string(content)],
      tenant: tenant, under: lease
    ).json
  }

  /// The numbers in a document's history, newest first.
  func history(_ document: String = "doc", tenant: TenantID = "acme") async throws -> [Int] {
    try await shelf.history(of: document, tenant: tenant, before: nil, limit: 1000).map(\.number)
  }

  /// A revision's content as text.
  func text(_ revision: Int, _ document: String = "doc", tenant: TenantID = "acme") async throws -> String? {
    try await shelf.content(of: document, revision: revision, tenant: tenant).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// How many contents are kept, in all.
  var contents: Int {
    get async throws {
      let rows = try await embedded.database.read { try $0.rows("SELECT count(*) FROM autosave_contents") }
      guard case .integer(let count)? = rows.first?.first else { return -1 }
      return Int(count)
    }
  }

  /// Expects a save to fail, and answers how.
  func refusal(_ revision: Int, _ content: String, under lease: Lease? = nil) async -> Failure? {
    await #expect(throws: Failure.self) { try await save(revision, content, under: lease) }
  }
}
