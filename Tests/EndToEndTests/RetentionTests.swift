import Testing
import WorkerKit

@Suite("What a server keeps, and how long", .onEveryServerSet)
struct RetentionTests {
  @Test("a finished run leaves when it is older than --keep-finished", .timeLimit(.minutes(5)))
  func leaves() async throws {
    let server = try await RunningServer(arguments: ["--pipelines", Uploads.pipelines])
    try await ServerAPI(server).emit([Uploads.saved("doc", 1)])
    let jobs = try await ServerAPI(server).ended(1)
    guard case .string(let id)? = jobs.first?["id"] else { return #expect(Bool(false), "The job has an id.") }
    #expect(try await server.stop() == 0)

    // At its start it looks at once.
    let second = try await RunningServer(folder: server.folder, arguments: ["--keep-finished", "1ms"])
    while try await second.command(["jobs", "show", id]).status == 0 {}
    let shown = try await second.command(["jobs", "show", id])
    #expect(shown.status == 1)
    #expect(shown.errors.contains("there is no job"))
    #expect(try await second.stop() == 0)
  }
}
