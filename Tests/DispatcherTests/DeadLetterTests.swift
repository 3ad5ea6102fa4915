import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Dead letters", .timeLimit(.minutes(5)))
struct DeadLetterTests {
  let bench: TestBench

  init() throws { bench = try TestBench() }

  private func wish(_ jobs: JSON) -> JSON { ["jobs": jobs, "by": "ada", "reason": "mended"] }

  @Test func deadLettersAreListedAndCounted() async throws {
    let dead = try await bench.startDeadLetter()
    _ = try await bench.startJob(event: "e2")
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.get("/v1/dead?pipeline=media")
      #expect(answer.json["count"] == 1)
      #expect(answer.json["jobs"]?[0]?["id"] == .string(dead.id.rawValue))
      #expect(answer.json["jobs"]?[1] == nil)
      #expect(try await client.get("/v1/dead?stage=none").json["jobs"] == [])
      #expect(try await client.get("/v1/dead?state=queued").problem == "invalid_query")
    }
  }

  @Test func aReplayWithoutAFenceReadsIt() async throws {
    let dead = try await bench.startDeadLetter()
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.post("/v1/dead/replay", wish([["id": .string(dead.id.rawValue)]]))
      #expect(answer.status == 200)
      #expect(answer.json == ["replayed": 1, "jobs": [["id": .string(dead.id.rawValue), "status": "replayed"]]])
    }
    #expect(try await bench.store.job(dead.id)?.standing.state == .queued)
    #expect(try await bench.lease().authority.job == dead.id)
  }

  @Test func theSecondClickIsANoOp() async throws {
    let dead = try await bench.startDeadLetter()
    let job: JSON = ["id": .string(dead.id.rawValue), "fence": .integer(dead.standing.fence.rawValue)]
    try await TestClient.serving(bench.services) { client in
      let first = try await client.post("/v1/dead/replay", wish([job]))
      let second = try await client.post("/v1/dead/replay", wish([job, ["id": "none"]]))
      let third = try await client.post("/v1/dead/replay", wish([["id": .string(dead.id.rawValue)]]))
      #expect(first.json["jobs"]?[0]?["status"] == "replayed")
      #expect(second.json["jobs"]?[0]?["status"] == "changed")
      #expect(second.json["jobs"]?[1]?["status"] == "missing")
      #expect(second.json["replayed"] == 0)
      #expect(third.json["jobs"]?[0]?["status"] == "not_dead")
    }
  }

  @Test func aReplayThatIsNotPushedIsStillAReplay() async throws {
    let apart = try DecoupledBench()
    let dead = try await apart.startDeadLetter()
    let unreachable = DriverError(.unavailable, "test", "A test.")
    apart.queue.faults.failNext(.push, with: unreachable)
    try await TestClient.serving(apart.services) { client in
      let answer = try await client.post("/v1/dead/replay", wish([["id": .string(dead.id.rawValue)]]))
      #expect(answer.json["replayed"] == 1)
    }
    #expect(try await apart.queue.depths().allSatisfy { $0.waiting == 0 })
    apart.time.advance(by: .seconds(60))
    #expect(try await apart.reconciler().redeliverOverdue() == 1)
    #expect(try await apart.queue.depths().map(\.waiting) == [1])
  }

  @Test func aReplayWithoutReasonIsRefused() async throws {
    let dead = try await bench.startDeadLetter()
    let job: JSON = ["id": .string(dead.id.rawValue)]
    let bodies: [(JSON, [String])] = [
      (["jobs": [job], "by": "ada"], ["reason required"]),
      (["jobs": [job], "by": "", "reason": "x"], ["by invalid"]),
      (["jobs": [], "by": "ada", "reason": "x"], ["jobs invalid"]),
      (["jobs": [job, 3], "by": "ada", "reason": "x"], ["1 jobs invalid"]),
      (["jobs": [job], "by": "ada", "reason": "x", "force": true], ["force unknown_field"]),
      ([], ["jobs invalid", "body invalid", "by required", "reason required"]),
    ]
    try await TestClient.serving(bench.services) { client in
      for (body, problems) in bodies {
        let answer = try await client.post("/v1/dead/replay", body)
        #expect(answer.status == 400)
        #expect(answer.problem == "invalid_replay")
        #expect(answer.problems == problems)
      }
    }
    #expect(try await bench.store.job(dead.id)?.standing.state == .failed)
  }
}
