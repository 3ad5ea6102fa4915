import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Bad files in a folder of pipelines", .timeLimit(.minutes(5)))
struct BadFileTests {
  let desk: PipelineDesk

  init() throws {
    desk = try PipelineDesk()
    try desk.write(PipelineDesk.text("one", note: "1"), to: "one.yaml")
    try desk.write(PipelineDesk.text("two", note: "1"), to: "two.yaml")
  }

  private let bad = "pipeline: one\ntrigger: { event: Saved }\nstags: {}\n"

  @Test("The bad file's pipeline keeps its revision, and the others activate")
  func displacesNothing() async throws {
    _ = try await desk.activator.open()
    try await desk.watching {
      try desk.write(bad, to: "one.yaml")
      try desk.write(PipelineDesk.text("two", note: "2"), to: "two.yaml")
      try await desk.look(2)
      #expect(desk.shown == ["one": "1", "two": "2"])
      try desk.write(PipelineDesk.text("one", note: "3"), to: "one.yaml")
      try await desk.look(2)
      #expect(desk.shown == ["one": "3", "two": "2"])
      #expect(await desk.activator.remark == nil)
    }
  }

  @Test(
    "A file that is bad in its first line, or under another name, takes nothing away",
    arguments: [
      "pipelin: one\n", "pipeline: on\nstags: {}\n", ":\n", "",
    ])
  func keepsWhatCannotBeTold(text: String) async throws {
    _ = try await desk.activator.open()
    try await desk.watching {
      try desk.write(text, to: "one.yaml")
      try await desk.look(2)
      #expect(desk.shown == ["one": "1", "two": "1"])
    }
    // After a restart nobody remembers which pipeline the file gave.
    let restarted = PipelineActivator(
      folder: PipelineFolder(desk.folder.path), name: "test", store: desk.bench.store, active: desk.active,
      library: desk.bench.library, registry: nil, environment: desk.bench.environment, log: desk.bench.logs.logger)
    _ = try await restarted.open()
    #expect(desk.shown == ["one": "1", "two": "1"])
  }

  @Test("A copy that defines a pipeline again displaces it not")
  func keepsTheOriginal() async throws {
    _ = try await desk.activator.open()
    try await desk.watching {
      try desk.write(PipelineDesk.text("two", note: "copy"), to: "a-copy.yaml")
      try await desk.look(2)
      #expect(desk.shown == ["one": "1", "two": "1"])
      try desk.remove("two.yaml")
      try await desk.look(2)
      #expect(desk.shown == ["one": "1", "two": "copy"])
    }
  }

  @Test("A problem is logged once for each content, with its place and code")
  func logsOnce() async throws {
    _ = try await desk.activator.open()
    try await desk.watching {
      try desk.write(bad, to: "one.yaml")
      try await desk.look(5)
      #expect(desk.logged("one.yaml:3:1\"") == 1)
      #expect(desk.logged("\"P004\"") == 1)
      try desk.write(PipelineDesk.text("two", note: "2"), to: "two.yaml")
      try await desk.look(2)
      #expect(desk.logged("one.yaml:3:1\"") == 1, "Its neighbour changed, and it did not.")
      try desk.write("\n" + bad, to: "one.yaml")
      try await desk.look(3)
      #expect(desk.logged("one.yaml:4:1\"") == 1)
    }
  }

  @Test("The server stays ready, and says what is wrong")
  func tells() async throws {
    _ = try await desk.activator.open()
    let check = ReadinessCheck("pipelines", remark: { await desk.activator.remark }) { nil }
    let services = desk.bench.services(checks: [check])
    let routes = PipelineRoutes(desk.activator, services: services)
    try await desk.watching {
      try desk.write(bad, to: "one.yaml")
      try await desk.look(2)
      try await TestClient.serving(services, extensions: [routes]) { client in
        let ready = try await client.get("/health/ready")
        #expect(ready.status == 200)
        #expect(ready.text.contains("one.yaml:3:1 P004"))
        let list = try await client.get("/v1/pipelines").json
        #expect(list["activation"] == 1)
        let one = try #require(list["pipelines"]?[0])
        #expect(one["pipeline"] == "one")
        #expect(one["held"] == false)
        #expect(one["problems"]?[1]?["line"] == 3)
        #expect(one["problems"]?[1]?["hint"] == "did you mean 'stages'?")
        #expect(list["pipelines"]?[1]?["problems"] == [])
        #expect(list["problems"]?[1]?["number"] == "P004")
      }
    }
  }

  @Test("Bytes that are no text are a problem like others")
  func refusesBytes() async throws {
    _ = try await desk.activator.open()
    try await desk.watching {
      try desk.write(bytes: [0xFF, 0xFE], to: "one.yaml")
      try await desk.look(2)
      #expect(desk.shown == ["one": "1", "two": "1"])
      #expect(await desk.activator.remark?.contains("one.yaml:1:1 P001") == true)
    }
  }

  @Test("A file that is too large is told of as such, wherever it is cut", arguments: ["", "x"])
  func refusesSize(start: String) async throws {
    _ = try await desk.activator.open()
    try await desk.watching {
      try desk.write(start + String(repeating: "é", count: 600_000), to: "one.yaml")
      try await desk.look(2)
      #expect(desk.shown == ["one": "1", "two": "1"])
      #expect(await desk.activator.remark?.contains("one.yaml:1:1 P002") == true)
    }
  }

  @Test("A bad file at the very start is refused, and nothing is activated")
  func refusesAtStart() async throws {
    try desk.write(bad, to: "one.yaml")
    let opening = try await desk.activator.open()
    #expect(opening.isRefused)
    #expect(opening.bad.map(\.file) == [desk.path("one.yaml")])
    #expect(opening.problems.map(\.line) == [1, 3])
    #expect(desk.shown.isEmpty)
  }

  @Test("A new bad file beside active pipelines does not keep a server from starting")
  func startsBesideActiveOnes() async throws {
    _ = try await desk.activator.open()
    try desk.write("pipeline: three\nstags: {}\n", to: "three.yaml")
    let restarted = PipelineActivator(
      folder: PipelineFolder(desk.folder.path), name: "test", store: desk.bench.store, active: desk.active,
      library: desk.bench.library, registry: nil, environment: desk.bench.environment, log: desk.bench.logs.logger)
    let opening = try await restarted.open()
    #expect(!opening.isRefused)
    #expect(desk.shown == ["one": "1", "two": "1"])
  }
}
