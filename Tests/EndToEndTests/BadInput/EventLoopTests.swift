import Foundation
import Testing
import WorkerKit

/// Pipelines that start each other without end.
@Suite("Loops of events", .timeLimit(.minutes(5)), .onEveryServerSet)
struct EventLoopTests {
  let server: RunningServer
  let api: ServerAPI

  init() async throws {
    let folder = try RunningServer.newFolder()
    for (name, event, other) in [("ping", "Ping", "Pong"), ("pong", "Pong", "Ping")] {
      let text = """
        pipeline: \(name)
        trigger: { event: \(event) }
        stages:
          persist:
            uses: autosave.persist
            with: { document: d, revision: 1, content: c }
        emit:
          - { event: \(other), after: [persist] }
        """
      try Data(text.utf8).write(to: folder.appending(path: "\(name).yaml"))
    }
    for (name, event, other) in [("tick", "Tick", "Tock"), ("tock", "Tock", "Tick")] {
      let text = """
        pipeline: \(name)
        trigger: { event: \(event) }
        stages:
          persist:
            uses: autosave.persist
            with: { document: d, revision: 1, content: "${event.payload.nothing}" }
            on_failure: { event: \(other), payload: { why: "${failure.code}: ${failure.message}" } }
        """
      try Data(text.utf8).write(to: folder.appending(path: "\(name).yaml"))
    }
    server = try await RunningServer(arguments: ["--pipelines", folder.path])
    api = try ServerAPI(server)
  }

  private func allRuns() async throws -> [JSON] {
    guard case .array(let runs)? = try await api.get("/v1/runs?limit=1000")["runs"] else { return [] }
    return runs
  }

  @Test("Two pipelines that emit each other's trigger end after 16 hops, and the last run says so")
  func emits() async throws {
    #expect(
      try await api.post("/v1/events", ["id": "e1", "type": "Ping", "tenant_id": "t1", "payload": [:]]).status == 202)
    let runs = try await api.poll({ try await allRuns() }) { runs in
      runs.contains { $0["problems"] != [] } && runs.allSatisfy { $0["state"] != "running" }
    }
    #expect(runs.count == 17)
    #expect(runs.count { $0["state"] == "succeeded" } == 17)
    let last = try #require(runs.first)
    #expect(
      last["problems"] == [
        "Pong was not emitted: it would be the 17th in a chain of events, and 16 are allowed"
      ])
    #expect(runs.dropFirst().allSatisfy { $0["problems"] == [] })
    try await expectHealth(runs: 17)
  }

  @Test("So do two that tell each other of their dead letters; each dead letter says what was missing")
  func failures() async throws {
    #expect(
      try await api.post("/v1/events", ["id": "e1", "type": "Tick", "tenant_id": "t1", "payload": [:]]).status == 202)
    let runs = try await api.poll({ try await allRuns() }) { runs in runs.contains { $0["problems"] != [] } }
    #expect(runs.count == 17)
    #expect(
      runs.first?["problems"] == [
        "Tock was not emitted: it would be the 17th in a chain of events, and 16 are allowed"
      ])
    let dead = try await api.jobs("failed")
    #expect(dead.count == 17)
    for job in dead {
      #expect(job["failure"]?["kind"] == "permanent")
      #expect(job["failure"]?.text().contains("event.payload.nothing") == true, "\(job.text())")
    }
    try await expectHealth(runs: 17)
  }

  /// The server is ready, takes more, and nothing goes on by itself.
  private func expectHealth(runs count: Int) async throws {
    #expect(try await api.get("/health/ready")["status"] == "ready")
    #expect(
      try await api.post("/v1/events", ["id": "e2", "type": "Other", "tenant_id": "t1", "payload": [:]]).status == 202)
    _ = try await api.poll({ try await api.get("/v1/events/e2") }) { $0["routed_at"] != .null }
    #expect(try await allRuns().count == count)
    #expect(try await server.stop() == 0)
  }
}
