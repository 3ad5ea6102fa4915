import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Cancelling", .timeLimit(.minutes(5)))
struct CancelTests {
  let bench: TestBench
  private let blame: JSON = ["by": "ada", "reason": "not wanted"]

  init() throws { bench = try TestBench() }

  private func wish(_ members: [String: JSON]) -> JSON {
    .object(members.merging(["by": "ada", "reason": "not wanted"]) { own, _ in own })
  }

  @Test func aJobThatWaitsIsCancelledWithWhatNeedsIt() async throws {
    let job = try await bench.startJob()
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.post("/v1/jobs/\(job.id)/cancel", blame)
      #expect(answer.status == 200)
      let id = JSON.string(job.id.rawValue)
      #expect(answer.json == ["id": id, "status": "cancelled", "jobs": [id], "running": []])
      let again = try await client.post("/v1/jobs/\(job.id)/cancel", blame)
      #expect(again.json == ["id": id, "status": "ended", "jobs": [], "running": []])
      let shown = try await client.get("/v1/jobs/\(job.id)")
      #expect(shown.json["state"] == "CANCELLED")
      #expect(shown.json["waiting_for"] == "cancelled")
      #expect(shown.json["audit"]?[0]?["by"] == "ada")
      #expect(shown.json["audit"]?[0]?["reason"] == "not wanted")
      let run = try await client.get("/v1/runs/\(job.run)")
      #expect(run.json["state"] == "cancelled")
      #expect(run.json["stages"]?[1]?["stage"] == "index")
      #expect(run.json["stages"]?[1]?["state"] == "CANCELLED")
      #expect(run.json["stages"]?[1]?["reason"] == "scan was cancelled")
    }
    #expect(try await bench.queue.depths().allSatisfy { $0.waiting == 0 })
  }

  @Test func whatAHostHoldsIsListedAndToldAtItsRenewal() async throws {
    let job = try await bench.startJob()
    let lease = try await bench.lease()
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.post("/v1/runs/\(job.run)/cancel", blame)
      #expect(answer.json["status"] == "cancelled")
      #expect(answer.json["running"] == [.string(job.id.rawValue)])
      let run = try await client.get("/v1/runs/\(job.run)")
      #expect(run.json["state"] == "cancelled")
      #expect(run.json["stages"]?[1]?["state"] == "CANCELLED")
      #expect(run.json["stages"]?[1]?["reason"] == "the run was cancelled")
      #expect(try await client.get("/v1/runs?state=cancelled").json["runs"]?[0]?["id"] == run.json["id"])
      #expect(try await client.post("/v1/runs/\(job.run)/cancel", blame).json["status"] == "ended")
    }
    #expect(try await bench.queue.renew([lease]) == [.lost])
    #expect(try await bench.settle(lease, as: .succeeded(output: [], artifacts: [])) == .ended)
  }

  @Test func aQueueElsewhereIsRevoked() async throws {
    let apart = try DecoupledBench()
    let job = try await apart.startJob()
    let held = try await apart.lease()
    let waiting = try await apart.startJob(event: "e2")
    try await TestClient.serving(apart.services) { client in
      let first = try await client.post("/v1/runs/\(job.run)/cancel", blame)
      #expect(first.json["running"] == [.string(job.id.rawValue)], "\(first.text)")
      let second = try await client.post("/v1/runs/\(waiting.run)/cancel", blame)
      #expect(second.json["running"] == [])
    }
    #expect(try await apart.queue.renew([held]) == [.lost])
    #expect(try await apart.queue.depths().allSatisfy { $0.waiting == 0 })
  }

  @Test func whatCannotBePlannedIsTold() async throws {
    let apart = try DecoupledBench()
    let job = try await apart.startJob()
    _ = try await apart.startJob(event: "e2")
    try await TestClient.serving(apart.services) { client in
      let one = try await client.post("/v1/jobs/\(job.id)/cancel", blame)
      #expect(one.status == 409)
      #expect(one.problem == "revision_unreadable")
      let many = try await client.post("/v1/jobs/cancel", wish(["stage": "only"]))
      #expect(many.json["answers"] == ["unreadable": 2])
      let run = try await client.post("/v1/runs/\(job.run)/cancel", blame)
      #expect(run.json["status"] == "cancelled")
    }
  }

  @Test func manyAreCancelledByWhatTheyHaveInCommon() async throws {
    var ids: [JSON] = []
    for event in ["1", "2", "3"] { ids.append(.string(try await bench.startJob(event: event).id.rawValue)) }
    let held = try await bench.lease()
    try await TestClient.serving(bench.services) { client in
      let preview = try await client.post("/v1/jobs/cancel", ["stage": "scan", "state": "queued", "dry_run": true])
      #expect(preview.json["count"] == 2)
      #expect(preview.json["sample"]?[0]?["id"] == ids[2])
      #expect(preview.json["answers"] == nil)
      let queued = try await client.get("/v1/jobs?state=queued").json
      #expect(queued["jobs"]?[1] != nil)
      let none = try await client.post("/v1/jobs/cancel", wish(["tenant_id": "globex"]))
      #expect(none.json["count"] == 0)
      let first = try await client.post("/v1/jobs/cancel", wish(["pipeline": "media", "limit": 1]))
      #expect(first.json["answers"] == ["cancelled": 1])
      #expect(first.json["next_before"] == ids[2])
      let rest = try await client.post("/v1/jobs/cancel", wish(["worker": "media.scan", "before": ids[2]]))
      #expect(rest.json["answers"] == ["cancelled": 2])
      #expect(rest.json["running"] == [.string(held.authority.job.rawValue)])
      #expect(rest.json["next_before"] == .null)
    }
    let left = try await bench.store.jobs(JobFilter(states: [.pending, .queued, .running]))
    #expect(left.isEmpty)
  }

  @Test func thoseThatFailForOneCauseAreCancelled() async throws {
    for (event, message) in [("1", "Shelf 17 is full."), ("2", "Shelf 4 is full."), ("3", "The shelf is gone.")] {
      _ = try await bench.startJob(event: event)
      let failure = Failure(.transient, "shelf", message)
      #expect(try await bench.settle(bench.lease(), as: .retry(failure, after: .seconds(60))) == .settled)
    }
    let cause = Fingerprint(of: Failure(.transient, "shelf", "Shelf 1 is full."), in: "media.scan")
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.post("/v1/jobs/cancel", wish(["fingerprint": .string(cause.description)]))
      #expect(answer.json["answers"] == ["cancelled": 2])
    }
    #expect(try await bench.store.jobs(JobFilter(states: [.queued])).count == 1)
  }

  @Test func whatIsMeantMustBeSaid() async throws {
    let job = try await bench.startJob()
    let bodies: [(String, JSON, [String])] = [
      ("/v1/jobs/\(job.id)/cancel", ["by": "ada"], ["reason required"]),
      ("/v1/jobs/\(job.id)/cancel", [], ["body invalid", "by required", "reason required"]),
      (
        "/v1/runs/\(job.run)/cancel", ["by": "", "reason": 3, "force": true],
        [
          "force unknown_field", "by invalid", "reason invalid",
        ]
      ),
      ("/v1/jobs/cancel", wish([:]), ["all required"]),
      (
        "/v1/jobs/cancel", wish(["limit": 0, "all": true]),
        [
          "limit invalid"
        ]
      ),
      ("/v1/jobs/cancel", wish(["state": "failed", "stage": "scan"]), ["state invalid"]),
      ("/v1/jobs/cancel", wish(["fingerprint": "x", "stage": "scan"]), ["fingerprint invalid"]),
      ("/v1/jobs/cancel", ["stage": "scan"], ["by required", "reason required"]),
    ]
    try await TestClient.serving(bench.services) { client in
      for (path, body, problems) in bodies {
        let answer = try await client.post(path, body)
        #expect(answer.status == 400)
        #expect(answer.problem == "invalid_cancel")
        #expect(answer.problems == problems)
      }
      #expect(try await client.post("/v1/jobs/none/cancel", blame).problem == "not_found")
      #expect(try await client.post("/v1/runs/none/cancel", blame).problem == "not_found")
    }
    #expect(try await bench.store.job(job.id)?.standing.state == .queued)
  }

  @Test func allThatLiveCanBeMeant() async throws {
    for event in ["1", "2"] { _ = try await bench.startJob(event: event) }
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.post("/v1/jobs/cancel", wish(["all": true]))
      #expect(answer.json["answers"] == ["cancelled": 2])
    }
  }
}
