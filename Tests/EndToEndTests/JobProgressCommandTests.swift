import Foundation
import Testing
import WorkerKit

/// What `jobs show` tells of a job at work. The test is the worker, beside a real server.
@Suite("Progress on the command line", .timeLimit(.minutes(5)), .onEveryServerSet)
struct JobProgressCommandTests {
  private static let pipeline = """
    pipeline: captions
    trigger: { event: MediaUploaded }
    stages:
      caption: { uses: http.call, with: { url: "http://localhost:9/" } }
    """

  private let server: RunningServer
  private let api: ServerAPI

  init() async throws {
    let folder = try RunningServer.newFolder()
    try Data(Self.pipeline.utf8).write(to: folder.appending(path: "captions.yaml"))
    server = try await RunningServer(folder: folder, arguments: ["--pipelines", folder.path, "--no-work"])
    api = try ServerAPI(server)
  }

  /// Begins the one job there is, and reports as its worker would.
  private func begin(_ reports: [JobProgress]) async throws -> String {
    // Beside servers it listens before it has opened the queue.
    _ = try await api.poll({ try await api.answer("/health/ready").status }) { $0 == 200 }
    try await api.emit([["id": "1", "type": "MediaUploaded", "tenant_id": "acme", "payload": [:]]])
    let stores = try TestStores.open(server.folder)
    let request = LeaseRequest(
      queue: .standard, limit: 1, length: .seconds(300), host: HostID("test"), wait: .seconds(60))
    let authority = try #require(try await stores.queue.lease(request).first?.authority)
    let begun = BegunAttempt(authority: authority, startedAt: Environment.system.time.now)
    #expect(try await stores.store.begin([begun]) == [.kept])
    for report in reports {
      #expect(try await stores.store.report([ProgressReport(authority: authority, progress: report)]) == [.kept])
    }
    await stores.close()
    return authority.job.rawValue
  }

  @Test(
    "A fraction is a bar and a percentage that says no more than what is done",
    arguments: [
      (0.0, "[....................] 0 %"), (0.29, "[#####...............] 29 %"), (0.57, "[###########.........] 57 %"),
      (0.999, "[###################.] 99 %"), (1.0, "[####################] 100 %"),
    ])
  func bar(fraction: Double, bar: String) async throws {
    let id = try await begin([JobProgress(fraction: fraction)])
    let shown = try await server.command(["jobs", "show", id])
    #expect(shown.status == 0)
    #expect(shown.output.split(separator: "\n").contains("progress    \(bar)"), "\(shown.output)")
    #expect(try await server.stop() == 0)
  }

  @Test("What the worker does now stands beside the bar, its log only where it is asked for; neither steers a terminal")
  func message() async throws {
    let id = try await begin([
      JobProgress(message: "reading", log: "one\ntwo\n"),
      JobProgress(fraction: 0.5, message: "page \u{1B}[31m7\n\u{202E}8", log: "three\u{9B}\n"),
    ])
    let shown = try await server.command(["jobs", "show", id])
    let line = #"progress    [##########..........] 50 %  page \u001b[31m7\u000a\u202e8"#
    #expect(shown.output.split(separator: "\n").contains(Substring(line)), "\(shown.output)")
    #expect(!shown.output.contains("three"))
    let log = try await server.command(["jobs", "show", id, "--log", "--lines", "2"])
    #expect(log.output.hasSuffix("log:\ntwo\nthree\\u009b\n"), "\(log.output)")
    let json = try JSONReader.parse(try await server.command(["jobs", "show", id, "--json"]).output)
    #expect(json["progress"] == ["fraction": 0.5, "message": "page \u{1B}[31m7\n\u{202E}8"])
    #expect(try await server.stop() == 0)
  }

  @Test("A job whose worker has told nothing has no such line")
  func none() async throws {
    let id = try await begin([])
    #expect(try await server.command(["jobs", "show", id]).output.contains("progress") == false)
    let log = try await server.command(["jobs", "show", id, "--log"])
    #expect(log.output.hasSuffix("log: nothing was written\n"))
    #expect(try await server.stop() == 0)
  }
}
