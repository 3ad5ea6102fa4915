import Foundation
import Testing
import WorkerKit

/// Files that would cost a server dear if it took them: each is refused in a line, before and while it serves.
@Suite("Pipeline files that are traps", .timeLimit(.minutes(5)))
struct BadPipelineFileTests {
  struct Trap: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    /// What is said of it, behind the file's name.
    let told: String
  }

  private static let head = "pipeline: trap\ntrigger: { event: Trap }\nstages:\n"
  private static let bomb = (1...30).map { level in
    "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", "))]"
  }

  static let traps = [
    Trap(
      testDescription: "a YAML bomb", text: "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + bomb.joined(separator: "\n"),
      told: ":5:10: error P003: the file has more than 10000 values, aliases written out"),
    Trap(
      testDescription: "stages that need each other",
      text: head + """
          a: { uses: http.call, needs: [b], with: { url: "https://example.com" } }
          b: { uses: http.call, needs: [a], with: { url: "https://example.com" } }
        """, told: ":4:33: error P020: stages need each other in a circle: a needs b needs a"),
    Trap(
      testDescription: "a reference to nothing",
      text: head + "  a: { uses: http.call, with: { url: \"${scan.url}\" } }",
      told: ":4:38: error P014: 'scan' in ${scan.url} is neither 'event' nor a stage"),
    Trap(
      testDescription: "a pipeline that starts itself",
      text: head
        + "  a: { uses: http.call, with: { url: \"https://example.com\" } }\nemit: [{ event: Trap, after: [a] }]",
      told: ":5:17: error P026: this pipeline emits the event that triggers it, without end"),
    Trap(
      testDescription: "deep nesting", text: String(repeating: "[", count: 100_000), told: ":1:"),
    Trap(
      testDescription: "a file that is too large", text: String(repeating: "# no end\n", count: 200_000),
      told: ":1:1: error P002: the file has more than 1048576 bytes"),
  ]

  @Test("Each is refused in a line, and displaces nothing on a server", arguments: traps)
  func refuses(trap: Trap) async throws {
    let folder = try RunningServer.newFolder()
    try Data(CheckTests.good.utf8).write(to: folder.appending(path: "documents.yaml"))
    let server = try await RunningServer(arguments: ["--pipelines", folder.path])
    let file = folder.appending(path: "trap.yaml")
    try Data(trap.text.utf8).write(to: file)
    let result = try await Command.run(["pipelines", "check", file.path])
    #expect(result.status == 1)
    #expect(result.output.contains("\(file.path)\(trap.told)"), "\(result.output.prefix(500))")
    #expect(result.output.split(separator: "\n").allSatisfy { $0.utf8.count < 700 })

    let api = try ServerAPI(server)
    let ready = try await api.poll({ try await api.get("/health/ready") }) { $0.text().contains("trap.yaml:") }
    #expect(ready["status"] == "ready")
    try await api.emit([
      [
        "id": "e", "type": "DocumentSaved", "tenant_id": "t1", "resource": ["kind": "document", "id": "1"],
        "payload": ["text": "a"],
      ]
    ])
    #expect(try await api.ended(1).first?["state"] == "SUCCEEDED")
    #expect(try await server.stop() == 0)
  }
}
