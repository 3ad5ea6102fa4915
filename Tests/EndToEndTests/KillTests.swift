import Foundation
import Testing
import WorkerKit

/// The promise that carries all others: a killed process loses nothing, and repeats nothing that had succeeded.
@Suite("A server that is killed", .serialized, .onEveryQueue)
struct KillTests {
  /// 900 saves, each of a document of its own, and 100 pictures, killed three times on the way.
  @Test("loses nothing and repeats nothing", .timeLimit(.minutes(5)))
  func survives() async throws {
    var server = try await RunningServer(arguments: ["--pipelines", Uploads.pipelines, "--lease", "1"])
    let uploads = try Uploads(server)
    try uploads.put(try Uploads.picture("demo/dusk.jpg"), as: "dusk.jpg")
    var events = (1...900).map { Uploads.saved("doc-\($0)", 1) }
    for number in 1...100 { events.insert(Uploads.uploaded("dusk.jpg", id: "picture-\(number)"), at: number * 9) }
    try await ServerAPI(server).emit(events)

    var succeeded: [String: JSON] = [:]
    for goal in [30, 150, 300] {
      let api = try ServerAPI(server)
      let seen = try await api.poll({ try await api.jobs("succeeded") }) { $0.count >= goal }
      // Whatever was answered as succeeded before the kill must stand as it was for ever after.
      for job in seen { succeeded[job["id"]?.string ?? ""] = job }
      #expect(seen.count < 1000, "The kill is to come in the middle.")
      #expect(try await server.stop(SIGKILL) == SIGKILL)
      server = try await RunningServer(
        folder: server.folder, arguments: ["--pipelines", Uploads.pipelines, "--lease", "1"])
    }

    let api = try ServerAPI(server)
    let jobs = try await api.ended(1000)
    #expect(jobs.count == 1000)
    #expect(jobs.count { $0["state"] == "SUCCEEDED" } == 1000)
    let byID = Dictionary(uniqueKeysWithValues: jobs.map { ($0["id"]?.string ?? "", $0) })
    for (id, before) in succeeded {
      #expect(byID[id] == before, "A job that had succeeded was touched again.")
    }
    try await checkHistories(of: jobs, on: api)
    #expect(try await server.stop() == 0)
  }

  /// Success is recorded once for each job, and what the kills cost stands in the history.
  private func checkHistories(of jobs: [JSON], on api: ServerAPI) async throws {
    var lost = 0
    for job in jobs {
      guard case .array(let history)? = try await api.get("/v1/jobs/\(job["id"]?.string ?? "")")["history"] else {
        Issue.record("A job has no history.")
        continue
      }
      let outcomes = history.map { $0["outcome"]?.string }
      #expect(outcomes.count { $0 == "succeeded" } == 1)
      #expect(outcomes.last == "succeeded")
      lost += outcomes.count { $0 == "lost" }
    }
    #expect(lost > 0, "The kills are to have cost leases; otherwise nothing was in the middle.")
  }

  @Test("gives back on SIGTERM what it cannot end, spends no attempt, and exits 0", .timeLimit(.minutes(5)))
  func stops() async throws {
    // No lease may run out on a busy machine: that would be a loss.
    let arguments = ["--pipelines", Uploads.pipelines, "--lease", "60"]
    let server = try await RunningServer(arguments: arguments)
    let uploads = try Uploads(server)
    try uploads.put(try Uploads.picture("demo/dusk.jpg"), as: "dusk.jpg")
    let api = try ServerAPI(server)
    try await api.emit((1...60).map { Uploads.uploaded("dusk.jpg", id: "picture-\($0)") })
    _ = try await api.poll({ try await api.jobs("succeeded") }) { !$0.isEmpty }
    #expect(try await server.stop() == 0)

    let second = try await RunningServer(folder: server.folder, arguments: arguments)
    let jobs = try await ServerAPI(second).ended(60)
    #expect(jobs.allSatisfy { $0["state"] == "SUCCEEDED" && $0["attempts"] == 1 && $0["losses"] == 0 })
    #expect(try await second.stop() == 0)
  }
}
