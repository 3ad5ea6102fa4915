import Foundation
import Testing
import WorkerKit

/// What is made from the code and kept in the repository is as the code would make it now.
@Suite("Generated files", .timeLimit(.minutes(5)))
struct GeneratedFileTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let pipelines = root.appending(path: "pipelines")
  private static let docs = root.appending(path: "docs/workers")

  private func texts(in folder: URL) throws -> [String: String] {
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    return try files.reduce(into: [:]) { texts, file in
      texts[file.lastPathComponent] = try String(contentsOf: file, encoding: .utf8)
    }
  }

  @Test func pagesOfWorkersAreFresh() async throws {
    let folder = try RunningServer.newFolder().appending(path: "workers")
    let result = try await Command.run(["workers", "docs", "--output", folder.path])
    #expect(result.status == 0)
    let isFresh = try texts(in: folder) == texts(in: Self.docs)
    #expect(isFresh, "Run make generate, and delete the pages of workers that are gone.")
  }

  @Test func thePageOfTelemetryIsFresh() async throws {
    let result = try await Command.run(["telemetry", "docs"])
    #expect(result.status == 0)
    let kept = try String(contentsOf: Self.root.appending(path: "docs/telemetry.md"), encoding: .utf8)
    #expect(result.output == kept, "Run make generate.")
    let json = try JSONReader.parse(try await Command.run(["telemetry", "docs", "--json"]).output)
    #expect(json["metrics"]?[0]?["name"] == "millrace_events_total")
    #expect(json["spans"]?[0]?["kind"] == "server")
    #expect(json["fields"]?[0] == ["name": "job_id", "meaning": "The job.", "within_jobs": true])
  }

  @Test func theSchemaIsFresh() async throws {
    let result = try await Command.run(["pipelines", "schema"])
    #expect(result.status == 0)
    let kept = try String(contentsOf: Self.pipelines.appending(path: "pipeline.schema.json"), encoding: .utf8)
    #expect(result.output == kept, "Run make generate.")
  }

  @Test func shippedPipelinesNameTheSchema() throws {
    for (name, text) in try texts(in: Self.pipelines) where name.hasSuffix(".yaml") && !name.hasSuffix(".test.yaml") {
      #expect(text.hasPrefix("# yaml-language-server: $schema=pipeline.schema.json\n"), "\(name)")
    }
  }

  /// The example of each page is a stage that the check takes.
  @Test func examplesAreTaken() async throws {
    let folder = try RunningServer.newFolder()
    for (name, text) in try texts(in: Self.docs) where name != "README.md" {
      let example = try #require(text.split(separator: "```yaml\n").last?.split(separator: "```").first)
      let pipeline = "pipeline: \(name.prefix { $0 != "." })\ntrigger: { event: T }\n\(example)"
      try Data(pipeline.utf8).write(to: folder.appending(path: "\(name).yaml"))
    }
    let result = try await Command.run(["pipelines", "check", folder.path])
    #expect(result.status == 0, "\(result.output)")
  }

  @Test func workersAreListedAndShown() async throws {
    let list = try await Command.run(["workers", "list"])
    #expect(list.status == 0)
    #expect(list.output.hasPrefix("WORKER "))
    #expect(list.output.contains("\nhttp.call "))
    let json = try JSONReader.parse(try await Command.run(["workers", "list", "--json"]).output)
    #expect(json["workers"]?[0]?["name"] == "autosave.persist")
    #expect(json["workers"]?[0]?["options"]?[0]?["required"] == true)
    let show = try await Command.run(["workers", "show", "media.thumbnails"])
    let page = try String(contentsOf: Self.docs.appending(path: "media.thumbnails.md"), encoding: .utf8)
    #expect(show.output == page)
    let one = try JSONReader.parse(try await Command.run(["workers", "show", "http.call", "--json"]).output)
    #expect(one["name"] == "http.call")
    let none = try await Command.run(["workers", "show", "http.cal"])
    #expect(none.status == 1)
    #expect(none.errors.contains("there is no worker 'http.cal'"))
    let unwritable = try await Command.run(["workers", "docs", "--output", "/dev/null/x"])
    #expect(unwritable.status == 1)
  }
}
