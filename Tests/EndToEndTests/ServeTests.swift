import Foundation
import HTTPDriver
import Testing
import WorkerKit

@Suite("serve and its clients", .timeLimit(.minutes(5)))
struct ServeTests {
  private func pipelines(_ text: String, named name: String = "documents.yaml", in folder: URL) throws -> [String] {
    let files = try PipelineFiles(in: folder)
    try files.write(text, to: name)
    return files.arguments
  }

  @Test func theReadyLineSaysWhereAndWhat() async throws {
    let folder = try RunningServer.newFolder()
    let server = try await RunningServer(folder: folder, arguments: pipelines(CheckTests.good, in: folder))
    let data = folder.appending(path: "data").path
    #expect(server.readyLine == "millrace is listening on \(server.url) (data: \(data), pipelines: 1)")
    #expect(try await server.stop() == 0)
  }

  @Test(.onEveryServerSet, arguments: [SIGTERM, SIGINT]) func aSignalEndsItWell(signal: Int32) async throws {
    let server = try await RunningServer()
    #expect(try await server.stop(signal) == 0)
    let result = try await server.command(["jobs", "list"])
    #expect(result.status == 3)
  }

  @Test(.onEveryServerSet) func aSecondSignalEndsItAtOnce() async throws {
    let server = try await RunningServer()
    // A request that is never finished keeps the server from ending well for as long as its grace lasts.
    let held = try await HeldRequest(to: server.url)
    server.signal(SIGTERM)
    while try await server.command(["jobs", "list"]).status != 3 {}
    #expect(try await server.stop() == 1)
    held.close()
  }

  @Test(.onEveryServerSet) func anEventBecomesAJobThatCanBeSeen() async throws {
    let folder = try RunningServer.newFolder()
    let server = try await RunningServer(folder: folder, arguments: pipelines(CheckTests.good, in: folder))
    let emit = ["emit", "--type", "DocumentSaved", "--tenant", "acme", "--id", "e1", "--resource", "document:7"]
    let first = try await server.command(emit + ["--payload", #"{"text":"one"}"#])
    #expect(first.status == 0)
    #expect(first.output == "e1  accepted\n")
    let again = try await server.command(emit + ["--payload", "-", "--json"], input: #"{"text":"one"}"#)
    #expect(try JSONReader.parse(again.output)["events"]?[0]?["status"] == "duplicate")
    let id = try await job(of: server, in: "succeeded")
    let list = try await server.command(["jobs", "list", "--pipeline", "documents"])
    #expect(list.output.hasPrefix("ID "))
    #expect(list.output.contains(id))
    let show = try await server.command(["jobs", "show", id])
    #expect(show.status == 0)
    #expect(show.output.contains(#""document": "7""#))
    #expect(show.output.contains("succeeded"))
    let dead = try await server.command(["dead", "show", id])
    #expect(dead.status == 1)
    #expect(dead.errors.contains("not a dead letter"))
    #expect(try await server.stop() == 0)
  }

  @Test(.onEveryServerSet) func aDeadLetterIsReplayed() async throws {
    let folder = try RunningServer.newFolder()
    let server = try await RunningServer(folder: folder, arguments: pipelines(CheckTests.good, in: folder))
    for text in ["one", "another"] {
      let emit = ["emit", "--type", "DocumentSaved", "--tenant", "acme", "--resource", "document:7"]
      #expect(try await server.command(emit + ["--payload", #"{"text":"\#(text)"}"#]).status == 0)
      if text == "one" { _ = try await job(of: server, in: "succeeded") }
    }
    let id = try await job(of: server, in: "failed")
    let list = try await server.command(["dead", "list"])
    #expect(list.output.contains(id))
    #expect(list.output.contains("revision_conflict"))
    let show = try await server.command(["dead", "show", id])
    #expect(show.status == 0)
    #expect(show.output.contains("permanent revision_conflict"))
    let by = ["--by", "ada", "--reason", "test"]
    let replay = try await server.command(["dead", "replay", "--all", "--pipeline", "documents"] + by)
    #expect(replay.status == 0)
    #expect(replay.output.contains("replayed"))
    _ = try await job(of: server, in: "failed")
    let history = try await server.command(["jobs", "show", id, "--json"])
    #expect(try JSONReader.parse(history.output)["history"]?[1]?["outcome"] == "failed")
    let missing = try await server.command(["dead", "replay", "none"] + by)
    #expect(missing.status == 1)
    #expect(missing.output.contains("missing"))
    #expect(try await server.stop() == 0)
  }

  /// The id of the newest job in a state, once there is one.
  private func job(of server: RunningServer, in state: String) async throws -> String {
    while true {
      let list = try await server.command(["jobs", "list", "--state", state, "--json"])
      if case .string(let id)? = try JSONReader.parse(list.output)["jobs"]?[0]?["id"] { return id }
    }
  }

  @Test(.onEveryServerSet) func aFileOfEventsIsSentInBatches() async throws {
    let server = try await RunningServer()
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
    #expect(try await server.stop() == 0)
  }

  @Test(.onEveryServerSet) func aRefusalNamesTheFields() async throws {
    let server = try await RunningServer()
    let result = try await server.command(["emit", "--type", "1x", "--tenant", "acme"])
    #expect(result.status == 1)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("item 0: type: "))
    let missing = try await server.command(["jobs", "show", "none"])
    #expect(missing.status == 1)
    #expect(missing.errors == "there is no job 'none'; 'millrace jobs list' tells which there are\n")
    #expect(try await server.stop() == 0)
  }

  @Test(.onEveryServerSet) func theTokenComesFromTheEnvironment() async throws {
    let token = "0123456789abcdef"
    let server = try await RunningServer(variables: ["MILLRACE_TOKEN": token])
    let without = try await server.command(["jobs", "list"])
    #expect(without.status == 1)
    #expect(without.errors.contains("set MILLRACE_TOKEN"))
    let with = try await server.command(["jobs", "list"], variables: ["MILLRACE_TOKEN": token])
    #expect(with.status == 0)
    #expect(with.output == "There are no such jobs.\n")
    #expect(!server.errorText.contains(token))
    #expect(try await server.stop() == 0)
  }

  @Test func oneFolderHasOneServer() async throws {
    let server = try await RunningServer()
    let data = server.folder.appending(path: "data").path
    let second = try await Command.run(["serve", "--data", data, "--listen", "127.0.0.1:0"])
    #expect(second.status == 1)
    #expect(second.errors.contains("another server uses the data folder"))
    #expect(try await server.stop() == 0)
    let third = try await RunningServer(folder: server.folder)
    #expect(try await third.stop() == 0)
  }

  @Test func aTakenPortFails() async throws {
    let server = try await RunningServer()
    let port = try #require(server.url.split(separator: ":").last)
    let folder = try RunningServer.newFolder()
    let second = try await Command.run(["serve", "--data", folder.path, "--listen", "127.0.0.1:\(port)"])
    #expect(second.status == 1)
    #expect(second.errors.contains("another program listens there"))
    #expect(try await server.stop() == 0)
  }

  @Test func aNewBadFileIsRefused() async throws {
    let folder = try RunningServer.newFolder()
    let arguments = try pipelines(CheckTests.bad, named: "broken.yaml", in: folder)
    let result = try await Command.run(
      ["serve", "--data", folder.appending(path: "data").path, "--listen", "127.0.0.1:0"] + arguments)
    #expect(result.status == 1)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("broken.yaml:7:5: error P004"))
  }

  @Test(.onEveryServerSet) func aFileThatBecameBadLeavesItsPipelineAsItWas() async throws {
    let folder = try RunningServer.newFolder()
    let first = try await RunningServer(folder: folder, arguments: pipelines(CheckTests.good, in: folder))
    #expect(try await first.stop() == 0)
    let broken = CheckTests.good.replacing("uses:", with: "use:")
    let second = try await RunningServer(folder: folder, arguments: pipelines(broken, in: folder))
    #expect(second.readyLine.hasSuffix("pipelines: 1)"))
    #expect(second.errorText.contains("documents.yaml:"))
    #expect(second.errorText.contains("pipeline documents stays as it was"))
    let emit = ["emit", "--type", "DocumentSaved", "--tenant", "acme", "--resource", "document:7"]
    #expect(try await second.command(emit + ["--payload", #"{"text":"one"}"#]).status == 0)
    _ = try await job(of: second, in: "succeeded")
    #expect(try await second.stop() == 0)
    let third = try await RunningServer(folder: folder)
    #expect(third.readyLine.hasSuffix("pipelines: 1)"))
    #expect(try await third.stop() == 0)
  }
}
