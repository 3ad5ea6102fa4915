import Foundation
import TestProcesses
import Testing
import WorkerKit

extension PageScript {
  private static let late = ["late-1.jpg", "late-2.jpg", "late-3.jpg"]

  /// The README: its own pipeline with two mistakes, pictures that came too late, and a document.
  static func readme(_ page: Page) -> PageScript {
    let example = page.blocks.first { $0.language == "yaml" }?.text ?? ""
    return PageScript(
      steps: [
        ("millrace pipelines check pipelines/", { try await breakPipeline($0, example) }),
        ("millrace pipelines test pipelines/", { try mendPipeline($0) }),
        ("millrace dead groups", { try await failThree($0) }),
        ("millrace dead replay JOB", { terminal in for name in late { try terminal.upload("julia.jpg", as: name) } }),
        ("millrace revisions list", { try await saveDocument($0) }),
        ("millrace workers crashes", { try await uploadForWorkers($0) }),
      ], ends: ["millrace pipelines check pipelines/": 1])
  }

  private static func breakPipeline(_ terminal: PageTerminal, _ example: String) async throws {
    try await expectSuccess(of: "upload-1", on: terminal)
    try terminal.write(example + "\n", to: "pipelines/media.yaml")
    let good = try await terminal.run("millrace pipelines check pipelines/media.yaml")
    #expect(good.status == 0, "\(good.output)")
    try terminal.change("pipelines/media.yaml", "uses: media.thumbnails", to: "uses: media.thumbnail")
    try terminal.change("pipelines/media.yaml", "timeout: 2m", to: "timout: 2m")
  }

  private static func mendPipeline(_ terminal: PageTerminal) throws {
    let shipped = try String(contentsOf: Page.root.appending(path: "pipelines/media.yaml"), encoding: .utf8)
    try terminal.write(shipped, to: "pipelines/media.yaml")
  }

  /// Three uploads are told of before they are there: dead letters of one cause.
  private static func failThree(_ terminal: PageTerminal) async throws {
    let api = try terminal.api()
    try await api.emit(late.map { upload($0, $0) })
    let dead = try await api.poll({ try await api.jobs("failed") }) { $0.count == late.count }
    terminal.words["JOB"] = try #require(dead.first?["id"]).string
    let groups = try await api.get("/v1/dead/groups")
    terminal.words["http.call:0f92ee96515b"] = try #require(groups["groups"]?[0]?["fingerprint"]).string
  }

  private static func saveDocument(_ terminal: PageTerminal) async throws {
    let api = try terminal.api()
    try await api.emit([
      [
        "id": "save-12", "type": "DocumentSaved", "tenant_id": "acme", "resource": ["kind": "document", "id": "doc-7"],
        "payload": ["revision": 12, "content": "The twelfth."],
      ]
    ])
    _ = try await api.poll({ try await api.jobs("succeeded") }) { jobs in
      jobs.contains { $0["pipeline"] == "autosave" }
    }
  }
}
