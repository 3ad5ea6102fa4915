import Foundation
import Testing
import WorkerKit

@Suite("A served folder that is edited", .timeLimit(.minutes(5)), .onEveryServerSet)
struct ReloadTests {
  private let files: PipelineFiles

  init() throws { files = try PipelineFiles() }

  @Test("A new stage works without a restart, in a queue that is new too; a bad save changes nothing")
  func reloads() async throws {
    try files.write(CheckTests.good, to: "documents.yaml")
    let server = try await RunningServer(folder: files.folder, arguments: files.arguments)
    let api = try ServerAPI(server)
    let exported = CheckTests.good.replacing("documents", with: "exports")
      .replacing("DocumentSaved", with: "ExportAsked").replacing("with:", with: "queue: exports\n    with:")
    try files.write(exported, to: "exports.yaml")
    let list = try await api.poll({ try await api.get("/v1/pipelines") }) { $0["activation"] == 2 }
    #expect(list["pipelines"]?[1]?["pipeline"] == "exports")
    try await api.emit([
      [
        "type": "ExportAsked", "id": "e1", "tenant_id": "acme", "resource": ["kind": "document", "id": "7"],
        "payload": ["text": "one"],
      ]
    ])
    let job = try #require(try await api.ended(1).first)
    #expect(job["state"] == "SUCCEEDED")
    #expect(job["queue"] == "exports")

    try files.write(exported.replacing("uses:", with: "use:"), to: "exports.yaml")
    let ready = try await api.poll({ try await api.get("/health/ready") }) { $0.text().contains("exports.yaml:5:") }
    #expect(ready["status"] == "ready")
    #expect(try await api.get("/v1/pipelines")["activation"] == 2)
    #expect(server.errorText.contains("A pipeline file is bad"))
    try FileManager.default.removeItem(atPath: "\(files.path)/exports.yaml")
    let left = try await api.poll({ try await api.get("/v1/pipelines") }) { $0["activation"] == 3 }
    #expect(left["pipelines"]?[1] == nil)
    #expect(left["problems"] == [])
    #expect(try await server.stop() == 0)
  }
}
