import Dispatcher
import Foundation
import Testing
import WorkerKit
import WorkerKitTesting

/// A folder of pipeline files, its activator, and the verbs of a person who edits them.
struct PipelineDesk: Sendable {
  let bench: TestBench
  let folder: TemporaryFolder
  let active: ActivePipelines
  let activator: PipelineActivator

  init() throws {
    bench = try TestBench()
    folder = try TemporaryFolder()
    active = ActivePipelines(library: bench.library)
    activator = PipelineActivator(
      folder: PipelineFolder(folder.path), name: "test", store: bench.store, active: active, library: bench.library,
      registry: nil, environment: bench.environment, log: bench.logs.logger)
  }

  /// A pipeline's text; `note` makes it another revision.
  static func text(_ name: String, note: String = "", queue: String = "default") -> String {
    """
    pipeline: \(name)
    description: "\(note)"
    trigger: { event: Saved }
    stages:
      work: { uses: test.work, queue: \(queue) }
    """
  }

  func path(_ name: String) -> String { "\(folder.path)/\(name)" }

  func write(_ text: String, to name: String) throws { try write(bytes: Array(text.utf8), to: name) }

  func write(bytes: [UInt8], to name: String) throws { try Data(bytes).write(to: URL(filePath: path(name))) }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

  /// Each active pipeline with its description, which says which text of it is active.
  var shown: [String: String] {
    Dictionary(uniqueKeysWithValues: active.set.pipelines.map { ($0.key.rawValue, $0.value.description) })
  }

  /// The loop at work while `body` runs, after its first look.
  func watching(_ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await activator.run() }
      try await bench.time.waitForSleepers()
      try await body()
      group.cancelAll()
    }
  }

  /// Lets the loop look as many times.
  func look(_ times: Int = 1, after length: Duration = PipelineActivator.interval) async throws {
    for _ in 0..<times {
      let seen = activator.passed.count
      bench.time.advance(by: length)
      await activator.passed.wait(after: seen)
      try await bench.time.waitForSleepers()
    }
  }

  /// How often something was logged.
  func logged(_ words: String) -> Int { bench.logs.text.components(separatedBy: words).count - 1 }
}
