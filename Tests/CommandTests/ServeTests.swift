import Foundation
import HTTPDriver
import Testing
import WorkerKit

@Suite("serve and its clients", .timeLimit(.minutes(2)))
struct ServeTests {
  private func pipelines(_ text: String, named name: String = "media.yaml", in folder: URL) throws -> [String] {
    let pipelines = folder.appending(path: "pipelines")
    try FileManager.default.createDirectory(at: pipelines, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: pipelines.appending(path: name))
    return ["--pipelines", pipelines.path]
  }

  @Test func theReadyLineSaysWhereAndWhat() async throws {
    let folder = try RunningServer.newFolder()
    let server = try RunningServer(folder: folder, arguments: pipelines(CheckTests.good, in: folder))
    let data = folder.appending(path: "data").path
    #expect(server.readyLine == "millrace is listening on \(server.url) (data: \(data), pipelines: 1)")
    #expect(await server.stop() == 0)
  }

  @Test(arguments: [SIGTERM, SIGINT]) func aSignalEndsItWell(signal: Int32) async throws {
    let server = try RunningServer()
    #expect(await server.stop(signal) == 0)
    let result = try await server.command(["jobs", "list"])
    #expect(result.status == 3)
  }

  @Test func anEventBecomesAJobThatCanBeSeen() async throws {
    let folder = try RunningServer.newFolder()
    let server = try RunningServer(folder: folder, arguments: pipelines(CheckTests.good, in: folder))
    let emit = ["emit", "--type", "MediaUploaded", "--tenant", "acme", "--id", "e1", "--resource", "media:7"]
    let first = try await server.command(emit + ["--payload", #"{"object":"cat.png"}"#])
    #expect(first.status == 0)
    #expect(first.output == "e1  accepted\n")
    let again = try await server.command(emit + ["--payload", "-", "--json"], input: #"{"object":"cat.png"}"#)
    #expect(try JSONReader.parse(again.output)["events"]?[0]?["status"] == "duplicate")
    let id = try await firstJob(of: server)
    let list = try await server.command(["jobs", "list"])
    #expect(list.output.hasPrefix("ID "))
    #expect(list.output.contains(id))
    let show = try await server.command(["jobs", "show", id])
    #expect(show.status == 0)
    #expect(show.output.contains(#""object": "cat.png""#))
    let dead = try await server.command(["dead", "show", id])
    #expect(dead.status == 1)
    #expect(dead.errors.contains("not a dead letter"))
    let replay = try await server.command(["dead", "replay", id, "--by", "ada", "--reason", "test"])
    #expect(replay.status == 1)
    #expect(replay.output.contains("not_dead"))
    #expect(await server.stop() == 0)
  }

  /// The id of the one job, once the event was routed.
  private func firstJob(of server: RunningServer) async throws -> String {
    while true {
      let list = try await server.command(["jobs", "list", "--json"])
      if case .string(let id)? = try JSONReader.parse(list.output)["jobs"]?[0]?["id"] { return id }
    }
  }

  @Test func aFileOfEventsIsSentInBatches() async throws {
    let server = try RunningServer()
    let lines = (0..<1201).map { #"{"id":"\#($0)","type":"T","tenant_id":"acme","payload":{}}"# } + ["", "  "]
    let file = server.folder.appending(path: "events.jsonl")
    try Data(lines.joined(separator: "\n").utf8).write(to: file)
    let result = try await server.command(["emit", "--file", file.path])
    #expect(result.status == 0)
    #expect(result.output.split(separator: "\n").count == 1201)
    #expect(result.output.hasSuffix("1200  accepted\n"))
    try Data("{}\n{".utf8).write(to: file)
    let broken = try await server.command(["emit", "--file", file.path])
    #expect(broken.status == 1)
    #expect(broken.errors.hasPrefix("\(file.path):2:2: "))
    #expect(await server.stop() == 0)
  }

  @Test func aRefusalNamesTheFields() async throws {
    let server = try RunningServer()
    let result = try await server.command(["emit", "--type", "1x", "--tenant", "acme"])
    #expect(result.status == 1)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("item 0: type: "))
    let missing = try await server.command(["jobs", "show", "none"])
    #expect(missing.status == 1)
    #expect(missing.errors == "There is no such job. (not_found)\n")
    #expect(await server.stop() == 0)
  }

  @Test func theTokenComesFromTheEnvironment() async throws {
    let token = "0123456789abcdef"
    let server = try RunningServer(variables: ["MILLRACE_TOKEN": token])
    let without = try await server.command(["jobs", "list"])
    #expect(without.status == 1)
    #expect(without.errors.contains("set MILLRACE_TOKEN"))
    let with = try await server.command(["jobs", "list"], variables: ["MILLRACE_TOKEN": token])
    #expect(with.status == 0)
    #expect(with.output == "There are no such jobs.\n")
    #expect(!server.errorText.contains(token))
    #expect(await server.stop() == 0)
  }

  @Test func oneFolderHasOneServer() async throws {
    let server = try RunningServer()
    let data = server.folder.appending(path: "data").path
    let second = try await Command.run(["serve", "--data", data, "--listen", "127.0.0.1:0"])
    #expect(second.status == 1)
    #expect(second.errors.contains("another server uses the data folder"))
    #expect(await server.stop() == 0)
    let third = try RunningServer(folder: server.folder)
    #expect(await third.stop() == 0)
  }

  @Test func aTakenPortFails() async throws {
    let server = try RunningServer()
    let port = try #require(server.url.split(separator: ":").last)
    let folder = try RunningServer.newFolder()
    let second = try await Command.run(["serve", "--data", folder.path, "--listen", "127.0.0.1:\(port)"])
    #expect(second.status == 1)
    #expect(second.errors.contains("another program listens there"))
    #expect(await server.stop() == 0)
  }

  @Test func aNewBadFileIsRefused() async throws {
    let folder = try RunningServer.newFolder()
    let arguments = try pipelines(CheckTests.bad, named: "broken.yaml", in: folder)
    let result = try await Command.run(
      ["serve", "--data", folder.appending(path: "data").path, "--listen", "127.0.0.1:0"] + arguments)
    #expect(result.status == 1)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("broken.yaml:6:5: error P004"))
  }

  @Test func aFileThatBecameBadLeavesItsPipelineAsItWas() async throws {
    let folder = try RunningServer.newFolder()
    let first = try RunningServer(folder: folder, arguments: pipelines(CheckTests.good, in: folder))
    #expect(await first.stop() == 0)
    let broken = CheckTests.good.replacing("uses:", with: "use:")
    let second = try RunningServer(folder: folder, arguments: pipelines(broken, in: folder))
    #expect(second.readyLine.hasSuffix("pipelines: 1)"))
    #expect(second.errorText.contains("media.yaml:"))
    #expect(second.errorText.contains("pipeline media stays as it was"))
    _ = try await second.command(["emit", "--type", "MediaUploaded", "--tenant", "acme"])
    #expect(try await !firstJob(of: second).isEmpty)
    #expect(await second.stop() == 0)
    let third = try RunningServer(folder: folder)
    #expect(third.readyLine.hasSuffix("pipelines: 1)"))
    #expect(await third.stop() == 0)
  }
}
