import Foundation
import Testing
import WorkerKit

@Suite("Cancelling and replaying on call", .timeLimit(.minutes(5)), .onEveryServerSet)
struct CancelTests {
  private static let blame = ["--by", "ada", "--reason", "not wanted"]

  private func serve(calling port: Int, _ arguments: [String] = [], policy: String = "timeout: 30m") async throws
    -> RunningServer
  {
    let text = """
      pipeline: captions
      trigger: { event: MediaUploaded }
      stages:
        caption:
          uses: http.call
          \(policy)
          with: { url: "http://localhost:\(port)/captions", body: { a: 1 } }
        publish:
          uses: http.call
          needs: [caption]
          with: { url: "http://localhost:\(port)/publish" }
      emit:
        - { event: CaptionMade, after: [caption], payload: {} }
      """
    return try await .captioning(text, allowing: "localhost:\(port)", arguments)
  }

  private func event(_ id: String) -> JSON {
    ["id": .string(id), "type": "MediaUploaded", "tenant_id": "acme", "payload": [:]]
  }

  @Test func aRunningAttemptStopsAtItsRenewalAndNothingFollows() async throws {
    let service = try await SilentService()
    let server = try await serve(calling: service.port, ["--lease", "3"])
    let api = try ServerAPI(server)
    try await api.emit([event("e1")])
    #expect(try await service.next() == "called")
    let job = try #require(try await api.jobs("running").first)
    let (id, run) = (job["id"]?.string ?? "", job["run_id"]?.string ?? "")
    let cancel = try await server.command(["runs", "cancel", run, "--json"] + Self.blame)
    #expect(cancel.status == 0, "\(cancel.errors)")
    let answer = try JSONReader.parse(cancel.output)
    #expect(answer["runs"]?[0]?["running"] == [.string(id)])
    // Neither the stage's time nor the call's is over for a long while: only a renewal can end the call.
    #expect(try await service.next() == "closed")
    #expect(try await server.command(["runs", "cancel", run] + Self.blame).status == 1)
    let shown = try await server.command(["jobs", "show", id])
    #expect(shown.output.contains("because     ada cancelled it: not wanted"), "\(shown.output)")
    let stages = try await api.get("/v1/runs/\(run)")
    #expect(stages["state"] == "cancelled")
    #expect(stages["stages"]?[0]?["state"] == "CANCELLED")
    #expect(stages["stages"]?[1]?["stage"] == "publish")
    #expect(stages["stages"]?[1]?["state"] == "CANCELLED")
    #expect(try await server.stop() == 0)
    let again = try await RunningServer(folder: server.folder, arguments: ["--no-work"])
    #expect(try await ServerAPI(again).jobs().count == 1)
    #expect(try await ServerAPI(again).get("/v1/events?type=CaptionMade")["events"] == [])
    #expect(try await again.stop() == 0)
  }

  @Test func jobsThatWaitAreCancelledByIdAndByFilter() async throws {
    let server = try await serve(calling: 9, ["--no-work"])
    let api = try ServerAPI(server)
    try await api.emit(["1", "2", "3", "4"].map { event($0) })
    let jobs = try await api.poll({ try await api.jobs() }) { $0.count == 4 }
    let id = jobs[0]["id"]?.string ?? ""
    let one = try await server.command(["jobs", "cancel", id] + Self.blame)
    #expect(one.status == 0)
    #expect(one.output.contains("\(id)  cancelled"))
    let mixed = try await server.command(["jobs", "cancel", id, "none"] + Self.blame)
    #expect(mixed.status == 1)
    #expect(mixed.output.contains("ended"))
    #expect(mixed.output.contains("missing"))
    #expect(mixed.errors == "2 of 2 jobs were not cancelled\n")
    let filter = ["jobs", "cancel", "--pipeline", "captions", "--stage", "caption", "--state", "QUEUED"]
    let preview = try await server.command(filter + ["--dry-run"])
    #expect(preview.output.hasPrefix("3 jobs\nID "), "\(preview.output)\(preview.errors)")
    let some = try await server.command(filter + ["--limit", "1", "--json"] + Self.blame)
    #expect(try JSONReader.parse(some.output)["answers"] == ["cancelled": 1])
    let rest = try await server.command(filter + Self.blame)
    #expect(rest.output == "cancelled: 2\n")
    #expect(try await server.command(filter + Self.blame).output == "There are no such jobs.\n")
    #expect(try await api.jobs("cancelled").count == 4)
    #expect(try await server.stop() == 0)
  }

  @Test func deadLettersOfOneCauseAreReplayedTogether() async throws {
    let server = try await serve(calling: 9, policy: "retry: { attempts: 1 }")
    let api = try ServerAPI(server)
    try await api.emit(["1", "2", "3"].map { event($0) })
    _ = try await api.ended(3)
    let groups = try JSONReader.parse(try await server.command(["dead", "groups", "--json"]).output)
    #expect(groups["groups"]?[0]?["count"] == 3)
    #expect(groups["groups"]?[1] == nil)
    let print = groups["groups"]?[0]?["fingerprint"]?.string ?? ""
    #expect(try await server.command(["dead", "groups"]).output.contains(print))
    let replay = ["dead", "replay", "--fingerprint", print]
    let preview = try await server.command(replay + ["--dry-run"])
    #expect(preview.output.hasPrefix("3 dead letters; 0 of them superseded\n"), "\(preview.output)\(preview.errors)")
    let two = try await server.command(replay + ["--limit", "2", "--json"] + Self.blame)
    let answers = try JSONReader.parse(two.output)
    #expect(answers["jobs"]?[1]?["status"] == "replayed")
    #expect(answers["jobs"]?[2] == nil)
    let id = answers["jobs"]?[0]?["id"]?.string ?? ""
    let job = try await api.poll({ try await api.get("/v1/jobs/\(id)") }) { $0["state"] == "FAILED" }
    #expect(job["audit"]?[0]?["reason"] == "not wanted")
    let second = answers["jobs"]?[1]?["id"]?.string ?? ""
    _ = try await api.poll({ try await api.get("/v1/jobs/\(second)") }) { $0["state"] == "FAILED" }
    let canary = try await server.command(replay + ["--canary"] + Self.blame)
    #expect(canary.status == 1)
    #expect(canary.errors.contains("ended FAILED"), "\(canary.errors)")
    var audits = 0
    for job in try await api.jobs() {
      if case .array(let audit)? = try await api.get("/v1/jobs/\(job["id"]?.string ?? "")")["audit"] {
        audits += audit.count
      }
    }
    #expect(audits == 3)
    #expect(try await server.command(["dead", "replay", "--all"] + Self.blame).status == 2)
    #expect(try await server.stop() == 0)
  }
}
