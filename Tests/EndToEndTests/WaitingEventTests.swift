import Foundation
import Testing
import WorkerKit

/// Events that come before there is a pipeline are not lost.
@Suite("A server without pipelines", .onEveryServerSet)
struct WaitingEventTests {
  @Test("keeps events until a pipeline is there, and is not ready meanwhile", .timeLimit(.minutes(5)))
  func waits() async throws {
    let server = try await RunningServer()
    try await ServerAPI(server).emit([Uploads.saved("doc", 1)])
    let ready = try await server.command(["jobs", "list"])
    #expect(ready.status == 0)
    #expect(server.errorText.contains("no pipeline is active"))
    #expect(try await server.stop() == 0)

    let second = try await RunningServer(folder: server.folder, arguments: ["--pipelines", Uploads.pipelines])
    let jobs = try await ServerAPI(second).ended(1)
    #expect(jobs.first?["state"] == "SUCCEEDED")
    #expect(try await second.stop() == 0)
  }
}
