import Foundation
import Testing
import WorkerKit

@Suite("pipelines check", .timeLimit(.minutes(5)))
struct CheckTests {
  let folder: URL

  init() throws { folder = try RunningServer.newFolder() }

  static let good = """
    pipeline: documents
    trigger: { event: DocumentSaved }
    stages:
      persist:
        uses: autosave.persist
        with: { document: "${event.resource.id}", revision: 1, content: "${event.payload.text}" }
    """
  static let bad = """
    pipeline: broken
    trigger: { event: DocumentSaved }
    stages:
      persist:
        uses: autosave.persist
        with: { document: d, revision: 1, content: c }
        retires: 3
    """

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  @Test func goodFilesHaveNoProblems() async throws {
    try write(Self.good, to: "documents.yaml")
    try write("not: a pipeline", to: "media.test.yaml")
    try write("neither", to: "README.md")
    let result = try await Command.run(["pipelines", "check", folder.path])
    #expect(result.status == 0)
    #expect(result.output == "1 pipeline, no problems\n")
  }

  @Test func problemsHaveAPlaceAndEndWithOne() async throws {
    try write(Self.good, to: "documents.yaml")
    try write(Self.bad, to: "broken.yml")
    let result = try await Command.run(["pipelines", "check", folder.path])
    #expect(result.status == 1)
    #expect(result.output.hasPrefix("\(folder.path)/broken.yml:7:5: error P004: "))
    #expect(result.errors.isEmpty)
  }

  @Test func problemsCanBeReadByPrograms() async throws {
    try write(Self.bad, to: "broken.yaml")
    let path = folder.appending(path: "broken.yaml").path
    let result = try await Command.run(["pipelines", "check", path, "--json"])
    #expect(result.status == 1)
    let problem = try #require(try JSONReader.parse(result.output)["problems"]?[0])
    #expect(problem["file"] == .string(path))
    #expect(problem["line"] == 7)
    #expect(problem["column"] == 5)
    #expect(problem["code"] == "unknown_key")
  }

  @Test func schedulesAreReadByTheCalendar() async throws {
    let trigger = "{ cron: \"0 3 * * *\", time_zone: Europe/Berlin }"
    let scheduled = Self.good.replacing("{ event: DocumentSaved }", with: trigger)
    try write(scheduled, to: "documents.yaml")
    #expect(try await Command.run(["pipelines", "check", folder.path]).output == "1 pipeline, no problems\n")
    try write(scheduled.replacing("0 3 ", with: "0 25 ").replacing("Berlin", with: "Berln"), to: "documents.yaml")
    let result = try await Command.run(["pipelines", "check", folder.path])
    #expect(result.status == 1)
    let file = "\(folder.path)/documents.yaml"
    #expect(
      result.output.hasPrefix(
        """
        \(file):2:18: error P032: trigger.cron: the hour is '25'; expected a number from 0 to 23
        \(file):2:43: error P032: trigger.time_zone: 'Europe/Berln' is not a time zone of this machine; \
        did you mean 'Europe/Berlin'?

        """))
  }

  @Test func whatIsNotThereFails() async throws {
    let result = try await Command.run(["pipelines", "check", folder.appending(path: "none.yaml").path])
    #expect(result.status == 1)
    #expect(result.errors.contains("there is no file or folder"))
  }

  @Test func bytesThatAreNoTextFail() async throws {
    try Data([0xFF, 0xFE]).write(to: folder.appending(path: "binary.yaml"))
    let result = try await Command.run(["pipelines", "check", folder.path])
    #expect(result.status == 1)
    #expect(result.errors.contains("is not UTF-8"))
  }
}
