import Testing
import WorkerKit

/// What a test has to know about a page besides its text.
struct PageScript {
  typealias Step = (PageTerminal) async throws -> Void

  /// What is done before the page begins.
  var beginning: Step?
  /// What is done before the command that begins so: what the page takes for granted there.
  var steps: [(before: String, take: Step)] = []
  /// What must have come of it when the page is at its end.
  var end: Step?
  /// The commands that begin so end with another code than 0, as the page says.
  var ends: [String: Int32] = [:]

  /// What no page's test runs, and why.
  static let skipped = [
    (command: "git clone ", reason: "what it fetches is here"),
    (command: "make release", reason: "the programs are built before the tests"),
    (command: "make demo", reason: "scripts/check-demo.sh runs it after the tests"),
    (command: "export PATH=", reason: "the programs are found without it"),
  ]

  /// Pages whose commands need servers that are set up for them, and what runs them instead.
  static let elsewhere = [
    "docs/emit.md": "EmitExampleTests runs its blocks on a server of its own",
    "docs/production.md": "PageTests runs it once, beside servers of its own",
    "docs/redis.md": "RedisDriverTests gives a user these rights on a server of its own",
  ]

  /// The script of a page; an empty one for a page that needs nothing.
  static func of(_ page: Page) -> PageScript {
    switch page.name {
    case "README.md": readme(page)
    case "docs/events.md": events
    case "docs/flow.md": flow
    case "docs/intake.md": intake
    case "docs/isolation.md": isolation
    case "docs/patterns.md": patterns
    case "docs/pipeline-folder.md": pipelineFolder
    case "docs/pipelines.md": pipelines
    case "docs/production.md": production
    default: PageScript()
    }
  }

  /// Both saves of the page have come in, each its own way, and the newer one is kept.
  private static var production: PageScript {
    PageScript(
      end: { terminal in
        let api = try terminal.api()
        _ = try await api.poll({ try await api.answer("/v1/documents/doc-7/revisions?tenant_id=acme").body }) { body in
          body["revisions"]?[0]?["revision"] == 2
        }
        #expect(try await api.ended(2).count == 2)
      })
  }

  static let serve = "millrace serve --data ./data --pipelines ./pipelines"

  /// An upload by the tenant of the pages.
  static func upload(_ id: String, _ name: String) -> JSON {
    [
      "id": .string(id), "type": "MediaUploaded", "tenant_id": "acme",
      "payload": ["object_key": .string("uploads/\(name)"), "content_type": "image/jpeg"],
    ]
  }

  /// Waits until what an event has started is over, and expects that it went well.
  static func expectSuccess(of event: String, on terminal: PageTerminal) async throws {
    let api = try terminal.api()
    let answer = try await api.poll({ try await api.get("/v1/events/\(event)?tenant_id=acme") }) { answer in
      answer["runs"]?[0].map { $0["state"] != "running" } ?? false
    }
    #expect(answer["runs"]?[0]?["state"] == "succeeded", "\(answer.prettyText())")
  }

  /// Uploads a picture while workers of their own are there for it, and expects that its thumbnails are made.
  static func uploadForWorkers(_ terminal: PageTerminal) async throws {
    try terminal.upload("dusk.jpg", as: "dusk.jpg")
    try await terminal.api().emit([upload("upload-9", "dusk.jpg")])
    try await expectSuccess(of: "upload-9", on: terminal)
  }
}
