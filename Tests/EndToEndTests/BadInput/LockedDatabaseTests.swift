import Foundation
import Testing
import WorkerKit

@Suite(
  "A database that somebody else holds", .timeLimit(.minutes(5)),
  .enabled(if: DatabaseHolder.isPossible, "Somebody else is the shell sqlite3."))
struct LockedDatabaseTests {
  private func saved(_ id: String) -> JSON {
    [
      "id": .string(id), "type": "DocumentSaved", "tenant_id": "t1",
      "resource": ["kind": "document", "id": .string(id)],
      "payload": ["revision": 1, "content": "a"],
    ]
  }

  @Test("Writing is refused with what to do, reading goes on, and all goes on when it is given back")
  func serves() async throws {
    let server = try await RunningServer(arguments: ["--pipelines", Uploads.pipelines])
    let api = try ServerAPI(server)
    try await api.emit([saved("before")])
    _ = try await api.ended(1)
    let holder = try await DatabaseHolder(server.folder.appending(path: "data"))
    let refused = try await api.post("/v1/events", saved("refused"))
    #expect(refused.status == 503)
    #expect(refused.body["code"] == "store_unavailable")
    #expect(refused.body["detail"] == "The store does not answer now; try again.")
    let ready = try await api.answer("/health/ready")
    #expect(ready.status == 503)
    #expect(
      ready.body.text().contains("Another process holds the database; try again, or stop that process. (sqlite_busy)"))
    #expect(try await api.answer("/v1/events/before").status == 200)
    #expect(try await api.answer("/v1/events/refused").status == 404)
    async let waiting = api.post("/v1/events", saved("waiting"))
    try await holder.release()
    #expect(try await waiting.status == 202)
    try await api.emit([saved("after")])
    let jobs = try await api.ended(3)
    #expect(jobs.count == 3 && jobs.allSatisfy { $0["state"] == "SUCCEEDED" })
    _ = try await api.poll({ try await api.answer("/health/ready") }) { $0.status == 200 }
    #expect(try await server.stop() == 0)
  }

  @Test("A server does not start on it, and says what to do")
  func starts() async throws {
    let server = try await RunningServer()
    #expect(try await server.stop() == 0)
    let data = server.folder.appending(path: "data")
    let holder = try await DatabaseHolder(data)
    let result = try await Command.run(["serve", "--data", data.path, "--listen", "127.0.0.1:0"])
    #expect(result.status == 1)
    #expect(result.errors.contains("cannot open the data folder \(data.path): "), "\(result.errors)")
    #expect(result.errors.contains("Another process holds the database; try again, or stop that process."))
    try await holder.release()
    let again = try await RunningServer(folder: server.folder)
    #expect(try await again.stop() == 0)
  }
}
