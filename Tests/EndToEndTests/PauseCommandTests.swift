import Foundation
import TestProcesses
import Testing
import WorkerKit

@Suite("Pausing, resuming and draining on call", .timeLimit(.minutes(5)), .onEveryServerSet)
struct PauseCommandTests {
  private static let blame = ["--by", "ada", "--reason", "the bucket is full"]

  /// Two stages, one after the other, that call a service.
  private func serve(calling port: Int, _ arguments: [String] = []) async throws -> RunningServer {
    let text = """
      pipeline: captions
      trigger: { event: MediaUploaded }
      stages:
        caption:
          uses: http.call
          with: { url: "http://localhost:\(port)/captions", body: { a: 1 } }
        publish:
          uses: http.call
          needs: [caption]
          with: { url: "http://localhost:\(port)/publish", body: { a: 2 } }
      """
    let server = try await RunningServer.captioning(text, allowing: "localhost:\(port)", arguments)
    let api = try ServerAPI(server)
    // Beside servers it listens before it has opened the queue.
    _ = try await api.poll({ try await api.answer("/health/ready").status }) { $0 == 200 }
    return server
  }

  private func event(_ id: String) -> JSON {
    ["id": .string(id), "type": "MediaUploaded", "tenant_id": "acme", "payload": [:]]
  }

  private func done(_ stage: String, _ count: Int, on api: ServerAPI) async throws {
    _ = try await api.poll({ try await api.jobs("succeeded") }) { jobs in
      jobs.count { $0["stage"]?.string == stage } == count
    }
  }

  @Test("A paused stage waits through a restart while everything else goes on, and is done once when it is resumed")
  func pausesAStage() async throws {
    let service = try await LaterService()
    var server = try await serve(calling: service.port)
    var api = try ServerAPI(server)
    try await api.emit((1...10).map { event("first-\($0)") })
    try await done("publish", 10, on: api)
    let paused = try await server.command(["pause", "stage:captions/publish"] + Self.blame)
    #expect(paused.status == 0 && paused.output == "stage:captions/publish: paused\n", "\(paused.errors)")
    try await api.emit((1...10).map { event("second-\($0)") })
    try await done("caption", 20, on: api)
    #expect(try await server.stop() == 0)

    server = try await RunningServer(
      folder: server.folder, arguments: ["--pipelines", server.folder.appending(path: "pipelines").path],
      variables: ["MILLRACE_HTTP_ALLOW": "localhost:\(service.port)"])
    api = try ServerAPI(server)
    _ = try await api.poll({ try await api.answer("/health/ready").status }) { $0 == 200 }
    try await api.emit((1...10).map { event("third-\($0)") })
    try await done("caption", 30, on: api)
    let listed = try await server.command(["pauses", "list"])
    #expect(listed.output.contains("stage:captions/publish"), "\(listed.output)")
    #expect(listed.output.hasSuffix("ada  the bucket is full\n"))
    let waiting = try await api.jobs("queued")
    #expect(waiting.count == 20)
    #expect(waiting.allSatisfy { $0["held_by"] == "stage:captions/publish" })
    let shown = try await server.command(["jobs", "show", waiting[0]["id"]?.string ?? ""])
    let line = "waits       ada paused stage:captions/publish: the bucket is full"
    #expect(shown.output.contains(line), "\(shown.output)")
    #expect(try await service.seen().count { $0["path"] == "/publish" } == 10, "Nothing of it has started.")

    let resumed = try await server.command(["resume", "stage:captions/publish", "--by", "ada"])
    #expect(resumed.status == 0 && resumed.output == "stage:captions/publish: resumed\n", "\(resumed.errors)")
    try await done("publish", 30, on: api)
    #expect(try await service.seen().count { $0["path"] == "/publish" } == 30, "Each was done once.")
    let history = try await server.command(["pauses", "history", "--json"])
    #expect(try JSONReader.parse(history.output)["deeds"]?[1]?["reason"] == "the bucket is full")
    #expect(try await server.stop() == 0)
  }

  /// A drain that runs, and where its standard error goes.
  private func drain(
    _ scope: String, on server: RunningServer, _ arguments: [String] = []
  ) throws -> (program: RunningProgram, errors: () throws -> String) {
    let file = server.folder.appending(path: "drain-\(UUID().uuidString).txt")
    try Data().write(to: file)
    let program = try RunningProgram(
      Command.millrace(["drain", scope] + Self.blame + arguments, ["MILLRACE_URL": server.url]), errors: file)
    return (program, { try String(contentsOf: file, encoding: .utf8) })
  }

  @Test(
    "A drain returns when what was under way has ended, and leaves it paused",
    arguments: ["queue:default", "pipeline:captions", "stage:captions/caption", "tenant:acme"])
  func drains(scope: String) async throws {
    let service = try await GatedService()
    let server = try await serve(calling: service.port)
    let api = try ServerAPI(server)
    try await api.emit([event("1")])
    #expect(try await service.calls(1).map(\.path) == ["/captions"])
    let (program, errors) = try drain(scope, on: server)
    _ = try await api.poll({ try errors() }) { $0 == "1 job is under way\n" }
    #expect(try await api.get("/v1/pauses")["pauses"]?[0]?["scope"] == .string(scope))
    try await service.open()
    #expect(try await program.line() == "\(scope): drained; 'millrace resume \(scope)' lets it go on")
    #expect(try await program.end() == 0)
    #expect(try await api.jobs("succeeded").contains { $0["stage"] == "caption" })
    let again = try await server.command(["drain", scope, "--json"] + Self.blame)
    #expect(try JSONReader.parse(again.output) == ["scopes": [.string(scope)], "drained": true, "under_way": 0])
    #expect(try await server.stop() == 0)
  }

  @Test("A drain that is cut short says that what it paused stays paused")
  func cutShort() async throws {
    let service = try await GatedService()
    let server = try await serve(calling: service.port)
    let api = try ServerAPI(server)
    try await api.emit([event("1")])
    _ = try await service.calls(1)
    let (program, errors) = try drain("pipeline:captions", on: server)
    _ = try await api.poll({ try errors() }) { !$0.isEmpty }
    #expect(try await program.stop(SIGINT) == 1)
    let rest = "1 job is under way; pipeline:captions stays paused until 'millrace resume pipeline:captions'\n"
    let said = try errors()
    #expect(said.hasSuffix("the wait was cut short while " + rest), "\(said)")
    let late = try await server.command(["drain", "pipeline:captions", "--timeout", "1ms", "--json"] + Self.blame)
    #expect(late.status == 1 && late.errors.hasSuffix("the time is over while " + rest), "\(late.errors)")
    #expect(try JSONReader.parse(late.output)["drained"] == false)
    #expect(try await api.get("/v1/pauses")["pauses"]?[1] == nil)
    try await service.open()
    #expect(try await server.stop() == 0)
  }

  @Test("Queues are listed with what waits, and slips of the pen are told of")
  func lists() async throws {
    let server = try await serve(calling: 9, ["--no-work"])
    let api = try ServerAPI(server)
    try await api.emit(["1", "2"].map { event($0) })
    _ = try await api.poll({ try await api.jobs() }) { $0.count == 2 }
    let free = try await server.command(["pauses", "list"])
    #expect(free.output == "Nothing is paused.\n" && free.errors.isEmpty)
    #expect(try await server.command(["pauses", "history"]).output == "Nothing was paused yet.\n")
    #expect(try await server.command(["pause", "queue:default", "tenant:acme"] + Self.blame).status == 0)
    let again = try await server.command(["pause", "tenant:acme"] + Self.blame)
    #expect(again.status == 0 && again.output == "tenant:acme: was paused already\n")
    let queues = try await server.command(["queues", "list"]).output.split(separator: "\n")
    #expect(queues.first == "QUEUE    WAITING  UNDER WAY  OLDEST  PAUSED")
    #expect(queues[1].hasPrefix("default  2        0 ") && queues[1].hasSuffix("  yes"), "\(queues)")
    #expect(queues.last?.hasPrefix("tenant:acme ") == true && queues.last?.hasSuffix("the bucket is full") == true)
    let json = try JSONReader.parse(try await server.command(["queues", "list", "--json"]).output)
    #expect(json["queues"]?[0]?["waiting"] == 2)

    let slip = try await server.command(["pause", "pipeline:captons"] + Self.blame)
    #expect(slip.status == 1 && slip.errors.contains("did you mean pipeline:captions?"), "\(slip.errors)")
    #expect(try await server.command(["pause", "pipeline:later", "--anyway"] + Self.blame).status == 0)
    let other = try await server.command(["resume", "tenant:acne", "--by", "ada"])
    #expect(other.status == 1 && other.output == "tenant:acne: was not paused\n")
    #expect(other.errors == "tenant:acne: not paused; did you mean tenant:acme?\n")
    let unsaid = try await server.command(["pause", "captions"] + Self.blame)
    #expect(unsaid.status == 2 && unsaid.errors.contains("say queue:captions, pipeline:captions"), "\(unsaid.errors)")
    #expect(try await server.command(["pause", "pipeline:captions", "--by", "ada"]).status == 2)
    #expect(try await server.stop() == 0)
  }
}
