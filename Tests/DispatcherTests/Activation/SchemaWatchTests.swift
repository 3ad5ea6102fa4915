import Dispatcher
import Foundation
import Synchronization
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Schemas of events where no pipelines are activated", .timeLimit(.minutes(5)))
struct SchemaWatchTests {
  private let desk: PipelineDesk
  private let other: TemporaryFolder
  private let path: Named

  /// The folder that the server names at the time.
  private final class Named: Sendable {
    let path: Mutex<String?>
    init(_ path: String) { self.path = Mutex(path) }
  }

  init() throws {
    desk = try PipelineDesk()
    other = try TemporaryFolder()
    path = Named(desk.folder.path)
    for folder in [desk.folder.path, other.path] {
      try FileManager.default.createDirectory(atPath: "\(folder)/events", withIntermediateDirectories: true)
    }
    try desk.write(Self.asking("a"), to: "events/Saved.schema.json")
    try Data(Self.asking("z").utf8).write(to: URL(filePath: "\(other.path)/events/Saved.schema.json"))
  }

  private static func asking(_ key: String) -> String {
    #"{ "required": ["\#(key)"], "properties": { "\#(key)": true }, "additionalProperties": false }"#
  }

  /// Whether an event with this one key is taken.
  private func takes(_ key: String) -> Bool {
    let event = EventEnvelope(
      id: "e", type: "Saved", version: 1, occurredAt: desk.bench.time.now, tenant: "acme", payload: [key: 1])
    return desk.bench.library.schemas.violations(of: event).isEmpty
  }

  /// A watch at work; `body` is handed what lets it look.
  private func watching(_ body: ((Int) async throws -> Void) async throws -> Void) async throws {
    let watch = SchemaWatch(
      library: desk.bench.library, environment: desk.bench.environment, log: desk.bench.logs.logger
    ) { [path] in path.path.withLock { $0 }.map { PipelineFolder($0) } }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await watch.run() }
      try await desk.bench.time.waitForSleepers()
      try await body { times in
        for _ in 0..<times {
          let seen = watch.passed.count
          desk.bench.time.advance(by: PipelineActivator.interval)
          await watch.passed.wait(after: seen)
          try await desk.bench.time.waitForSleepers()
        }
      }
      group.cancelAll()
    }
  }

  @Test("A saved schema counts once it has rested, a bad one displaces no good one, a folder that is gone none")
  func reloads() async throws {
    try await watching { look in
      #expect(takes("a") && !takes("b"))
      try desk.write(Self.asking("b"), to: "events/Saved.schema.json")
      try await look(1)
      #expect(takes("a"), "It may be half written still.")
      try await look(1)
      #expect(takes("b") && !takes("a"))
      try desk.write("{", to: "events/Saved.schema.json")
      try await look(4)
      #expect(takes("b") && !takes("a"))
      #expect(desk.logged("A schema of events is bad") == 1)
      try FileManager.default.removeItem(atPath: desk.folder.path)
      try await look(3)
      #expect(takes("b") && !takes("a"))
      #expect(desk.logged("The folder of pipelines cannot be read") == 1)
    }
  }

  @Test("Another folder counts at once; without one all stays as it was")
  func follows() async throws {
    try await watching { look in
      path.path.withLock { $0 = nil }
      try await look(2)
      #expect(takes("a") && !takes("z"))
      path.path.withLock { $0 = other.path }
      try await look(1)
      #expect(takes("z") && !takes("a"))
    }
  }
}
