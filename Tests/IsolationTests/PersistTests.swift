import AutosaveWorker
import Foundation
import IsolationDriver
import Logging
import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

/// The program itself as the child, over a store that this process has open as well.
@Suite("A save in a process of its own", .timeLimit(.minutes(5)))
struct PersistTests {
  private func with(_ body: (SQLiteEmbedded, IsolatedProgram) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "isolated-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let embedded = try SQLiteEmbedded(path: "\(folder)/millrace.db", environment: .system)
    let program = IsolatedProgram(
      configuration: IsolatedProgramConfiguration(
        executable: Apart.products.appending(path: "millrace").path,
        arguments: ["child-worker", "--data=\(folder)", "--picture-memory=\(1 << 30)"],
        temporaryFolder: "\(folder)/jobs", width: 1, world: .system,
        log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    let result: Result<Void, any Error>
    do { result = .success(try await body(embedded, program)) } catch { result = .failure(error) }
    await program.close()
    await embedded.database.close()
    try FileManager.default.removeItem(atPath: folder)
    try result.get()
  }

  /// A job of the store, leased.
  private func lease(_ name: String, _ embedded: SQLiteEmbedded) async throws -> Authority {
    let event = EventEnvelope(
      id: EventID(name), type: "DocumentSaved", occurredAt: Environment.system.time.now, tenant: "acme", payload: [:])
    _ = try await embedded.store.record([event])
    _ = try await embedded.store.route(limit: 10) { _ in
      let job = NewJob(
        id: JobID("J\(name)"), stage: "persist", worker: PersistWorker.name, queue: "autosave",
        input: .resolved(Array("{}".utf8)))
      return [NewRun(id: RunID("R\(name)"), pipeline: "autosave", revision: "0", plan: RunPlan(jobs: [job]))]
    }
    let leases = try await embedded.queue.lease(
      LeaseRequest(queue: "autosave", limit: 1, length: .seconds(15), host: "host", wait: .zero))
    return try #require(leases.first).authority
  }

  private func save(_ revision: Int64, by authority: Authority) -> IsolatedWork {
    IsolatedWork(
      worker: PersistWorker.name, input: ["document": "doc", "revision": .integer(revision), "content": "Once"],
      job: authority.job, run: "run", tenant: "acme", pipeline: "autosave", stage: "persist", attempt: 1,
      authority: authority, logFields: [:], deadline: .seconds(60))
  }

  @Test("lands in the store's own file")
  func saves() async throws {
    try await with { embedded, program async throws in
      let authority = try await lease("one", embedded)
      let output = try await program.run(save(1, by: authority), within: .standard)
      #expect(output.json["stored"] == true)
      let shelf = try await SQLiteRevisionShelf(database: embedded.database)
      #expect(try await shelf.content(of: "doc", revision: 1, tenant: "acme") == Array("Once".utf8))
    }
  }

  @Test("is refused in its own transaction when the attempt has lost its job")
  func refuses() async throws {
    try await with { embedded, program async throws in
      let authority = try await lease("two", embedded)
      let reissued = try await embedded.store.reissue([authority.claim], because: .lost)
      #expect(reissued.answers == [.raised])
      let failure = await #expect(throws: Failure.self) {
        try await program.run(save(1, by: authority), within: .standard)
      }
      #expect(failure?.code == "authority_lost")
      let shelf = try await SQLiteRevisionShelf(database: embedded.database)
      #expect(try await shelf.history(of: "doc", tenant: "acme", before: nil, limit: 10).isEmpty)
    }
  }
}
