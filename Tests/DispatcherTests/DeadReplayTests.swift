import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Dead letters by cause", .timeLimit(.minutes(5)))
struct DeadReplayTests {
  let bench: TestBench

  init() throws { bench = try TestBench() }

  private func wish(_ members: [String: JSON]) -> JSON {
    .object(members.merging(["by": "ada", "reason": "mended"]) { own, _ in own })
  }

  /// Dead letters with these messages, one a minute.
  private func fail(_ messages: [String], _ kind: FailureKind = .permanent) async throws -> [Job] {
    var jobs: [Job] = []
    for message in messages {
      bench.time.advance(by: .seconds(60))
      let job = try await bench.startJob(event: "\(kind)-\(message)")
      let failure = Failure(kind, "shelf", message)
      #expect(try await bench.settle(bench.lease(), as: .failed(failure)) == .settled)
      jobs.append(try #require(try await bench.store.job(job.id)))
    }
    return jobs
  }

  @Test func whatFailedForOneCauseIsOneLine() async throws {
    let jobs = try await fail(["Shelf 1 is full.", "The shelf is gone.", "Shelf 2 is full.", "Shelf 3 is full."])
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.get("/v1/dead/groups?pipeline=media")
      #expect(answer.json["count"] == 4)
      #expect(answer.json["is_complete"] == true)
      let group = answer.json["groups"]?[0]
      #expect(group?["count"] == 3)
      #expect(group?["worker"] == "media.scan")
      #expect(group?["kind"] == "permanent")
      #expect(group?["code"] == "shelf")
      #expect(group?["message"] == "Shelf 3 is full.")
      #expect(group?["pattern"] == "Shelf <n> is full.")
      #expect(group?["first_at"] == .string(jobs[0].standing.finishedAt?.description ?? ""))
      #expect(group?["last_at"] == .string(jobs[3].standing.finishedAt?.description ?? ""))
      #expect(group?["sample"] == .string(jobs[3].id.rawValue))
      #expect(answer.json["groups"]?[1]?["count"] == 1)
      #expect(answer.json["groups"]?[2] == nil)
      let print = try #require(jobs[0].fingerprint?.description)
      #expect(group?["fingerprint"] == .string(print))
      let alike = try await client.get("/v1/dead?fingerprint=\(print)").json
      #expect(alike["jobs"]?[2]?["fingerprint"] == .string(print))
      #expect(alike["jobs"]?[3] == nil)
      #expect(try await client.get("/v1/dead?fingerprint=x").problems == ["fingerprint invalid"])
      let since = jobs[3].standing.finishedAt?.description ?? ""
      #expect(try await client.get("/v1/dead/groups?since=\(since)").json["count"] == 1)
      #expect(try await client.get("/v1/dead/groups?worker=none").json["groups"] == [])
    }
  }

  @Test func oneCauseIsPreviewedAndReplayed() async throws {
    let jobs = try await fail(["Shelf 1 is full.", "The shelf is gone.", "Shelf 2 is full."])
    let print = JSON.string(try #require(jobs[0].fingerprint?.description))
    try await TestClient.serving(bench.services) { client in
      let preview = try await client.post("/v1/dead/replay", ["fingerprint": print, "dry_run": true])
      #expect(preview.json["count"] == 2)
      #expect(preview.json["superseded"] == 0)
      #expect(preview.json["groups"]?[0]?["count"] == 2)
      #expect(preview.json["sample"]?[0]?["id"] == .string(jobs[2].id.rawValue))
      #expect(preview.json["answers"] == nil)
      #expect(try await bench.store.deadLetterCount() == 3)
      // Another person is quicker with one of them, which fails again meanwhile.
      let one = try await client.post("/v1/dead/replay", wish(["fingerprint": print, "limit": 1]))
      #expect(one.json["answers"] == ["replayed": 1])
      let failure = Failure(.permanent, "shelf", "Shelf 9 is full.")
      #expect(try await bench.settle(bench.lease(), as: .failed(failure)) == .settled)
      let shown = try #require(preview.json["jobs"])
      let late = try await client.post("/v1/dead/replay", wish(["jobs": shown]))
      #expect(late.json["jobs"]?[0]?["status"] == "changed")
      #expect(late.json["jobs"]?[1]?["status"] == "replayed")
    }
    #expect(try await bench.store.deadLetterCount() == 2)
  }

  @Test func theyAreChosenByKindAndTime() async throws {
    let permanent = try await fail(["Shelf 1 is full."])
    let transient = try await fail(["a", "b"], .transient)
    try await TestClient.serving(bench.services) { client in
      let since = JSON.string(transient[0].standing.finishedAt?.description ?? "")
      let until = JSON.string(transient[1].standing.finishedAt?.description ?? "")
      let two = try await client.post("/v1/dead/replay", ["kind": "transient", "dry_run": true])
      #expect(two.json["count"] == 2)
      let answer = try await client.post("/v1/dead/replay", wish(["since": since, "until": until]))
      #expect(answer.json["answers"] == ["replayed": 1])
      #expect(answer.json["replayed"] == 1)
      #expect(try await client.post("/v1/dead/replay", wish(["all": true])).json["replayed"] == 2)
    }
    #expect(try await bench.store.job(permanent[0].id)?.standing.state == .queued)
    #expect(try await bench.store.audit(of: transient[0].id).map(\.reason) == ["mended"])
  }

  @Test func whatIsMeantMustBeSaid() async throws {
    _ = try await fail(["Shelf 1 is full."])
    let bodies: [(JSON, [String])] = [
      (wish(["limit": 3]), ["all required"]), (wish(["kind": "odd", "all": true]), ["kind invalid"]),
      (["stage": "scan"], ["by required", "reason required"]),
      (wish(["stage": "scan", "since": "yesterday"]), ["since invalid"]),
      (wish(["stages": "scan", "kind": "crash"]), ["stages unknown_field"]),
    ]
    try await TestClient.serving(bench.services) { client in
      for (body, problems) in bodies {
        let answer = try await client.post("/v1/dead/replay", body)
        #expect(answer.problem == "invalid_replay")
        #expect(answer.problems == problems)
      }
    }
    #expect(try await bench.store.deadLetterCount() == 1)
  }

  @Test func aJobTellsHowFarItIsAndWhyItWaits() async throws {
    let job = try await bench.startJob()
    let lease = try await bench.lease()
    let report = JobProgress(fraction: 0.25, message: "reading", log: "one\ntwo\n")
    #expect(try await bench.store.report([ProgressReport(authority: lease.authority, progress: report)]) == [.kept])
    try await TestClient.serving(bench.services) { client in
      let running = try await client.get("/v1/jobs/\(job.id)").json
      #expect(running["progress"] == ["fraction": .double(0.25), "message": "reading"])
      #expect(running["log"] == "one\ntwo\n")
      #expect(running["priority"] == "normal")
      #expect(running["index"] == .null)
      #expect(running["keys"] == ["serial_by": .null, "coalesce": .null, "execution": .null])
      #expect(running["waiting_reason"] == .null)
      #expect(try await bench.settle(lease, as: .parked(waitingFor: "worker")) == .settled)
      let parked = try await client.get("/v1/jobs/\(job.id)").json
      #expect(parked["waiting_for"] == "worker")
      #expect(parked["waiting_reason"] == "It waits for a host that knows its worker.")
    }
  }
}
