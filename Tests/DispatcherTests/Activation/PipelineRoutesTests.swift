import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Pipelines over the API", .timeLimit(.minutes(5)))
struct PipelineRoutesTests {
  let desk: PipelineDesk

  init() throws { desk = try PipelineDesk() }

  private func serving(_ body: (TestClient) async throws -> Void) async throws {
    try desk.write(PipelineDesk.text("one", note: "1"), to: "one.yaml")
    _ = try await desk.activator.open()
    try await desk.watching {
      try desk.write(PipelineDesk.text("one", note: "2"), to: "one.yaml")
      try await desk.look(2)
      let routes = PipelineRoutes(desk.activator, services: desk.bench.services)
      try await TestClient.serving(desk.bench.services, extensions: [routes]) { try await body($0) }
    }
  }

  @Test("A rollback is in force when it is answered, is attributed, and holds")
  func rollsBack() async throws {
    try await serving { client in
      let answer = try await client.post("/v1/pipelines/rollback", ["to": 1, "by": "ada", "reason": "green"])
      #expect(answer.status == 200)
      #expect(answer.json["activation"] == 3)
      #expect(answer.json["changed"] == true)
      #expect(desk.shown == ["one": "1"])
      let again = try await client.post("/v1/pipelines/rollback", ["to": 1, "by": "ada", "reason": "green"])
      #expect(again.json["activation"] == 3)
      #expect(again.json["changed"] == false)
      try await desk.look(3)
      let list = try await client.get("/v1/pipelines?sources=true").json
      #expect(list["pipelines"]?[0]?["held"] == true)
      #expect(list["pipelines"]?[0]?["source"] == .string(PipelineDesk.text("one", note: "1")))
      let history = try await client.get("/v1/pipelines/activations?limit=2").json
      #expect(history["activations"]?[0]?["by"] == "ada")
      #expect(history["activations"]?[0]?["reason"] == "green")
      #expect(history["activations"]?[0]?["restored"] == 1)
      #expect(history["activations"]?[1]?["by"] == "test")
      #expect(history["next_before"] == 2)
      let page = try await client.get("/v1/pipelines/activations?limit=2&before=2").json
      #expect(page["activations"]?[0]?["number"] == 1)
      #expect(page["next_before"] == .null)
    }
  }

  @Test("What is no rollback is refused with every field that is wrong")
  func refuses() async throws {
    try await serving { client in
      let missing = try await client.post("/v1/pipelines/rollback", ["to": 99, "by": "ada", "reason": "green"])
      #expect(missing.status == 404)
      #expect(missing.problem == "not_found")
      let bad = try await client.post("/v1/pipelines/rollback", ["to": 0, "by": "", "why": "green"])
      #expect(bad.status == 400)
      #expect(bad.problems == ["why unknown_field", "to required", "by invalid", "reason required"])
      for path in ["?limit=0", "?limit=x", "?before=-1", "?page=2"] {
        #expect(try await client.get("/v1/pipelines/activations\(path)").problem == "invalid_query")
      }
      #expect(desk.active.number == 2)
    }
  }
}
