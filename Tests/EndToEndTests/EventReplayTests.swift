import Foundation
import Testing
import WorkerKit

@Suite("Events and runs on the command line", .timeLimit(.minutes(5)), .onEveryServerSet)
struct EventReplayTests {
  private static let replay = [
    "events", "replay", "--type", "DocumentSaved", "--from", "2020-01-01T00:00:00Z", "--until", "2100-01-01T00:00:00Z",
  ]

  @Test func eventsAreListedShownAndReplayed() async throws {
    let folder = try RunningServer.newFolder()
    try Data(CheckTests.good.utf8).write(to: folder.appending(path: "documents.yaml"))
    let server = try await RunningServer(arguments: ["--pipelines", folder.path])
    let api = try ServerAPI(server)
    try await api.emit([
      [
        "id": "save-1", "type": "DocumentSaved", "tenant_id": "acme", "resource": ["kind": "document", "id": "1"],
        "payload": ["text": "a"],
      ]
    ])
    _ = try await api.ended(1)
    let list = try await server.command(["events", "list", "--type", "DocumentSaved"])
    #expect(list.output.contains("save-1  DocumentSaved"), "\(list.output)\(list.errors)")
    let show = try await server.command(["events", "show", "save-1"])
    #expect(show.output.contains("persist"))
    let preview = try await server.command(Self.replay + ["--dry-run"])
    #expect(preview.output.hasPrefix("1 event, from "), "\(preview.output)\(preview.errors)")
    #expect(preview.output.hasSuffix("pipeline documents: 1 event\n"))
    #expect(try await server.command(Self.replay).status == 2)
    let wish = Self.replay + ["--by", "ada", "--reason", "a test", "--id", "r1", "--json"]
    let first = try JSONReader.parse(try await server.command(wish).output)
    #expect(first["answers"] == ["replayed": 1])
    let second = try JSONReader.parse(try await server.command(wish).output)
    #expect(second["answers"] == ["known": 1])
    let jobs = try await api.ended(2)
    #expect(jobs.count == 2)
    let runs = try JSONReader.parse(try await server.command(["runs", "list", "--replay", "r1", "--json"]).output)
    let run = try #require(runs["runs"]?[0]?["id"]?.string)
    let page = try await server.command(["runs", "show", run])
    #expect(page.output.contains("replay_id   r1"), "\(page.output)\(page.errors)")
    #expect(page.output.contains("persist"))
    #expect(try await server.stop() == 0)
  }
}
