import Foundation
import Testing
import WorkerKit

@Suite("The history of a document on the command line", .timeLimit(.minutes(5)), .onEveryServerSet)
struct RevisionCommandTests {
  private static let document = ["--tenant", "t1", "--document", "a/b c"]
  private static let text = "Zwölf\nZeilen\u{0}, ohne Ende"

  private func save(_ revision: Int, _ content: String, on api: ServerAPI) async throws {
    try await api.emit([
      [
        "id": .string("save-\(revision)"), "type": "DocumentSaved", "tenant_id": "t1",
        "resource": ["kind": "document", "id": "a/b c"],
        "payload": ["revision": .integer(Int64(revision)), "content": .string(content)],
      ]
    ])
    _ = try await api.ended(revision)
  }

  @Test("revisions are listed, and read back byte for byte")
  func listsAndShows() async throws {
    let server = try await RunningServer(arguments: ["--pipelines", Uploads.pipelines])
    let api = try ServerAPI(server)
    try await save(1, "first", on: api)
    try await save(2, Self.text, on: api)
    let list = try await server.command(["revisions", "list"] + Self.document)
    #expect(list.status == 0, "\(list.errors)")
    let rows = list.output.split(separator: "\n")
    #expect(rows.count == 3 && rows[0].hasPrefix("REVISION  SAVED AT"))
    #expect(rows[1].hasPrefix("2 ") && rows[2].hasPrefix("1 "))
    let page = try await server.command(["revisions", "list", "--limit", "1", "--before", "2"] + Self.document)
    #expect(page.output.contains("\n1 ") && page.output.hasSuffix("There may be more: --before 1\n"))
    let json = try await server.command(["revisions", "list", "--json"] + Self.document)
    #expect(try JSONReader.parse(json.output)["revisions"]?[0]?["bytes"] == .integer(Int64(Self.text.utf8.count)))

    #expect(try await server.command(["revisions", "show"] + Self.document).output == Self.text)
    #expect(try await server.command(["revisions", "show", "1"] + Self.document).output == "first")
    let shown = try await server.command(["revisions", "show", "2", "--json"] + Self.document)
    #expect(try JSONReader.parse(shown.output)["content"] == .string(Self.text))
    let file = server.folder.appending(path: "kept.txt")
    let written = try await server.command(["revisions", "show", "2", "--output", file.path] + Self.document)
    #expect(written.status == 0 && written.output.isEmpty)
    #expect(try Data(contentsOf: file) == Data(Self.text.utf8))
    #expect(try await server.stop() == 0)
  }

  @Test("of a burst of saves in any order the newest is kept, and the others end as superseded")
  func burst() async throws {
    let server = try await RunningServer(arguments: ["--pipelines", Uploads.pipelines])
    let api = try ServerAPI(server)
    try await api.emit((1...20).map { Uploads.saved("doc", $0) }.shuffled())
    let jobs = try await api.ended(20)
    #expect(jobs.count { $0["state"] == "SUCCEEDED" } == 1)
    #expect(jobs.count { $0["state"] == "CANCELLED" && $0["waiting_for"] == "superseded" } == 19)
    let list = try await server.command(["revisions", "list", "--tenant", "t1", "--document", "doc", "--json"])
    let revisions = try JSONReader.parse(list.output)["revisions"]
    #expect(revisions?[0]?["revision"] == 20 && revisions?[1] == nil)
    #expect(try await server.stop() == 0)
  }

  @Test("what is not there, cannot be written or makes no sense is told of")
  func refuses() async throws {
    let server = try await RunningServer(arguments: ["--pipelines", Uploads.pipelines])
    try await save(1, "first", on: ServerAPI(server))
    for arguments in [["list", "--tenant", "t2", "--document", "a/b c"], ["show", "7"] + Self.document] {
      let result = try await server.command(["revisions"] + arguments)
      #expect(result.status == 1 && result.output.isEmpty)
      #expect(result.errors.contains("(not_found)"), "\(result.errors)")
    }
    let file = server.folder.appending(path: "none/kept.txt").path
    let lost = try await server.command(["revisions", "show", "--output", file] + Self.document)
    #expect(lost.status == 1 && lost.errors.contains("cannot write \(file)"))
    for arguments in [
      ["list", "--tenant", "t1"], ["show", "x"] + Self.document, ["list", "--limit", "0"] + Self.document,
      ["show", "--json", "--output", "f"] + Self.document,
    ] {
      #expect(try await server.command(["revisions"] + arguments).status == 2, "\(arguments)")
    }
    #expect(try await server.stop() == 0)
    #expect(try await server.command(["revisions", "list"] + Self.document).status == 3)
  }
}
