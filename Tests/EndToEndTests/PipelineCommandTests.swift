import Foundation
import Testing
import WorkerKit

@Suite("pipelines test, plan, graph, history, rollback", .timeLimit(.minutes(5)))
struct PipelineCommandTests {
  let folder: URL

  init() throws { folder = try RunningServer.newFolder() }

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name), options: .atomic)
  }

  @Test("The pipelines that ship pass their tests")
  func shippedPipelinesPass() async throws {
    let result = try await Command.run(["pipelines", "test", Uploads.pipelines])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("autosave.test.yaml (5 cases)"))
    #expect(result.output.contains("media.test.yaml (4 cases)"))
    #expect(result.output.hasSuffix("9 of 9 cases passed\n"))
  }

  @Test("A case that fails is told as a diff, and a bad file with its place")
  func tellsWhatFails() async throws {
    try write(CheckTests.good, to: "documents.yaml")
    try write(
      """
      cases:
        - case: it is kept
          event: { resource: { kind: document, id: d }, payload: { text: one } }
          expect: { ran: { persist: { with: { content: [two] } } }, failed: [persist] }
      """, to: "documents.test.yaml")
    let result = try await Command.run(["pipelines", "test", folder.appending(path: "documents.yaml").path])
    #expect(result.status == 1)
    #expect(
      result.output == """
        FAIL \(folder.path)/documents.test.yaml:2:5: it is kept
          failed
            - persist (it succeeded)
          persist.with
            - content is not "two"
            + "one"
          what happened
              persist succeeded
        0 of 1 cases passed

        """)
    try write("cases:\n  - { case: a, evnt: {}, expect: { runs: false } }\n", to: "documents.test.yaml")
    let broken = try await Command.run(["pipelines", "test", folder.path, "--json"])
    #expect(broken.status == 1)
    let json = try JSONReader.parse(broken.output)
    #expect(json["files"]?[0]?["problems"]?[0]?["code"] == "missing_key")
    #expect(broken.output.contains("did you mean 'event'?"))
    let none = try await Command.run(["pipelines", "test", folder.appending(path: "none").path])
    #expect(none.status == 1)
    #expect(none.errors.contains("there is no file or folder"))
  }

  @Test("A graph is drawn without a server")
  func draws() async throws {
    let media = Uploads.pipelines + "/media.yaml"
    let text = try await Command.run(["pipelines", "graph", media])
    #expect(
      text.output == "media, on MediaUploaded\nthumbnails (media.thumbnails)\nemits MediaProcessed after thumbnails\n")
    #expect(try await Command.run(["pipelines", "graph", media, "--format", "dot"]).output.hasPrefix("digraph {"))
    #expect(try await Command.run(["pipelines", "graph", media, "--format", "png"]).status == 2)
    let json = try JSONReader.parse(try await Command.run(["pipelines", "graph", media, "--json"]).output)
    #expect(json["edges"]?[1] == ["from": "thumbnails", "to": "emit.0", "join": ["succeeded"]])
    #expect(try await Command.run(["pipelines", "graph", media, "--json", "--format", "dot"]).status == 2)
  }

  @Test("A plan says what a save would do, and a rollback takes it back", .onEveryServerSet)
  func plansAndRollsBack() async throws {
    try write(CheckTests.good, to: "documents.yaml")
    let server = try await RunningServer(arguments: ["--pipelines", folder.path])
    let api = try ServerAPI(server)
    let plan = ["pipelines", "plan", folder.path]
    #expect(try await server.command(plan).output == "Nothing would change.\n")

    let draft = try RunningServer.newFolder()
    let changed = CheckTests.good.replacing("persist:\n", with: "persist:\n    timeout: 9s\n")
    try Data(changed.utf8).write(to: draft.appending(path: "documents.yaml"))
    let planned = try await server.command(["pipelines", "plan", draft.path])
    #expect(planned.status == 0)
    #expect(planned.output.contains("~ documents\n    ~ stage persist: timeout\n"))
    let diff = try await server.command(["pipelines", "diff", draft.path])
    #expect(diff.output.contains("+     timeout: 9s"))

    try write(changed, to: "documents.yaml")
    _ = try await api.poll({ try await api.get("/v1/pipelines") }) { $0["activation"] == 2 }
    let rollback = try await server.command(["pipelines", "rollback", "1", "--by", "ada", "--reason", "too short"])
    #expect(rollback.status == 0, "\(rollback.errors)")
    #expect(rollback.output.hasPrefix("activation 3 is in force: the pipelines of 1\n"))
    #expect(try await server.command(plan).output.contains("stage persist: timeout"))
    #expect(try await server.command(["pipelines", "list"]).output.contains("held"))
    let history = try await server.command(["pipelines", "history"])
    #expect(history.output.contains("rollback to 1: too short"))
    let missing = try await server.command(["pipelines", "rollback", "77", "--by", "ada", "--reason", "x"])
    #expect(missing.status == 1)
    #expect(missing.errors.contains("There is no activation with this number."))
    #expect(try await server.command(["pipelines", "rollback", "1", "--reason", "x"]).status == 2)
    #expect(try await server.stop() == 0)
    // The rollback holds over a restart with the same files.
    let second = try await RunningServer(folder: server.folder, arguments: ["--pipelines", folder.path])
    #expect(try await ServerAPI(second).get("/v1/pipelines")["activation"] == 3)
    #expect(try await second.stop() == 0)
    #expect(try await second.command(["pipelines", "list"]).status == 3)
  }
}
