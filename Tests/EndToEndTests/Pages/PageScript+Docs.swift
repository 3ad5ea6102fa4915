import Foundation
import TestPostgres
import TestProcesses
import TestRedis
import Testing
import WorkerKit

extension PageScript {
  /// `docs/events.md`: a server, and the upload of the README.
  static var events: PageScript {
    PageScript(
      beginning: { terminal in
        try await terminal.start(serve)
        try terminal.upload("julia.jpg", as: "julia.jpg")
        try await terminal.api().emit([upload("upload-1", "julia.jpg")])
      }, steps: [("mkdir -p pipelines/events", { try await expectSuccess(of: "upload-2", on: $0) })])
  }

  /// `docs/flow.md`: a server, and an upload that comes while its pipeline is paused.
  static var flow: PageScript {
    PageScript(
      beginning: { terminal in
        terminal.variables["USER"] = "ada"
        try await terminal.start(serve)
        try terminal.upload("julia.jpg", as: "julia.jpg")
      },
      steps: [
        (
          "millrace jobs list",
          { terminal in
            let api = try terminal.api()
            try await api.emit([upload("upload-1", "julia.jpg")])
            _ = try await api.poll({ try await api.jobs("queued") }) { $0.count == 1 }
          }
        ),
        ("millrace drain", { try await expectSuccess(of: "upload-1", on: $0) }),
      ])
  }

  /// `docs/intake.md`: a dispatcher beside servers, and an upload.
  static var intake: PageScript {
    PageScript(
      beginning: { terminal in
        let (redis, postgres) = (try await RedisServer.start(), try await PostgresServer.shared())
        try await postgres.psql("CREATE DATABASE intake_page OWNER \(PostgresServer.role)")
        terminal.servers = [redis, postgres]
        terminal.variables["MILLRACE_QUEUE_URL"] = redis.url
        terminal.variables["MILLRACE_DATABASE_URL"] = postgres.url("intake_page")
        let migrated = try await terminal.run("millrace migrate")
        #expect(migrated.status == 0, "\(migrated.errors)")
        try await terminal.start(serve)
        try terminal.upload("julia.jpg", as: "julia.jpg")
      },
      steps: [
        ("millrace intake dead", { try await nameDeadLetter($0) }),
        ("millrace intake replay --all", { try await expectUploads($0) }),
      ])
  }

  /// What was added first, and what took the place of the bad one.
  private static func expectUploads(_ terminal: PageTerminal) async throws {
    let api = try terminal.api()
    for id in ["upload-1", "upload-2"] {
      _ = try await api.poll({ try await api.answer("/v1/events/\(id)?tenant_id=acme").status }) { $0 == 200 }
      try await expectSuccess(of: id, on: terminal)
    }
  }

  /// Waits for the entry that may not come in, and learns its id.
  private static func nameDeadLetter(_ terminal: PageTerminal) async throws {
    let listed = try await terminal.api().poll({ try await terminal.run("millrace intake dead --json") }) {
      $0.output.contains("not_an_event")
    }
    let letters = try JSONReader.parse(listed.output)
    terminal.words["1795287106073-0"] = try #require(letters["dead"]?[0]?["id"]).string
  }

  /// `docs/isolation.md`: something to do for its workers.
  static var isolation: PageScript {
    PageScript(steps: [("millrace workers crashes", { try await uploadForWorkers($0) })])
  }

  /// `docs/patterns.md`: a pattern, and an event that matches it.
  static var patterns: PageScript {
    PageScript(beginning: { terminal in
      try terminal.write("payload: { size: [{ numeric: [\">\", 5] }] }\n", to: "pattern.yaml")
      try terminal.write(#"{ "payload": { "size": 6 } }"#, to: "event.json")
    })
  }

  /// `docs/pipeline-folder.md`: a draft, a test that fails, and a pipeline that was changed.
  static var pipelineFolder: PageScript {
    PageScript(
      beginning: { terminal in
        try await terminal.start(serve)
        try terminal.write(
          String(contentsOf: terminal.folder.appending(path: "pipelines/media.yaml"), encoding: .utf8),
          to: "draft/media.yaml")
        try terminal.change("draft/media.yaml", "quality: 80", to: "quality: 60")
      },
      steps: [
        (
          "millrace pipelines test",
          { try $0.change("pipelines/media.test.yaml", "format: [webp]", to: "format: [png]") }
        ),
        (
          "millrace pipelines history",
          { terminal in
            try terminal.change("pipelines/media.yaml", "quality: 80", to: "quality: 60")
            let api = try terminal.api()
            _ = try await api.poll({ try await api.get("/v1/pipelines") }) { $0["activation"] == 2 }
          }
        ),
      ], ends: ["millrace pipelines test": 1])
  }

  /// `docs/pipelines.md`: a service that was asked, and shall call back.
  static var pipelines: PageScript {
    PageScript(
      steps: [
        ("millrace events show edit-2", { try await saveOften($0) }), ("curl \"$url\"", { try await askService($0) }),
      ])
  }

  /// One document is saved three times in quick succession, by the pipeline that ships.
  private static func saveOften(_ terminal: PageTerminal) async throws {
    try await terminal.start(serve)
    let api = try terminal.api()
    try await api.emit(
      (1...3).map { number in
        [
          "id": .string("edit-\(number)"), "type": "DocumentSaved", "tenant_id": "acme",
          "resource": ["kind": "document", "id": "doc-7"],
          "payload": ["revision": .integer(Int64(number)), "content": .string("words \(number)")],
        ]
      })
    _ = try await api.ended(3)
  }

  private static func askService(_ terminal: PageTerminal) async throws {
    let service = try await LaterService()
    let text = """
      pipeline: documents
      trigger: { event: DocumentSaved }
      stages:
        convert:
          uses: http.call
          with: { url: "http://127.0.0.1:\(service.port)/never", body: 1, callback: { timeout: 1h } }
      """
    try terminal.write(text, to: "later/documents.yaml")
    terminal.variables["MILLRACE_HTTP_ALLOW"] = "127.0.0.1"
    try await terminal.start("millrace serve --data ./data --pipelines ./later")
    let api = try terminal.api()
    try await api.emit([["id": "save-1", "type": "DocumentSaved", "tenant_id": "acme", "payload": [:]]])
    _ = try await api.poll({ try await api.jobs("pending") }) { $0.count == 1 }
    let asked = try #require(try await service.seen().first)
    terminal.variables["url"] = try #require(asked["url"]).string
    terminal.variables["token"] = try #require(asked["token"]).string
  }
}
