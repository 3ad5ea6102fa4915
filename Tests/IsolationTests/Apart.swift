import Foundation
import IsolationDriver
import Logging
import Synchronization
import Testing
import WorkerKit

/// A program of the test's own worker, and jobs for it.
struct Apart {
  let root: URL
  let program: IsolatedProgram
  let lines: LogLines

  /// The folder of the built programs: the test bundle's own.
  static var products: URL {
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  }

  /// Runs `body` with a program, and ends its processes.
  static func with(
    width: Int = 1, jobsPerChild: Int = 100, executable: String? = nil, _ body: (Apart) async throws -> Void
  ) async throws {
    let apart = Apart(width: width, jobsPerChild: jobsPerChild, executable: executable)
    let result: Result<Void, any Error>
    do { result = .success(try await body(apart)) } catch { result = .failure(error) }
    await apart.program.close()
    try? FileManager.default.removeItem(at: apart.root)
    try result.get()
  }

  private init(width: Int, jobsPerChild: Int, executable: String?) {
    root = FileManager.default.temporaryDirectory.appending(path: "isolation-\(UUID().uuidString)")
    let lines = LogLines()
    var log = Logger(label: "test") { label in
      JSONLogHandler(label: label, time: SystemTime()) { lines.add($0) }
    }
    log.logLevel = .debug
    self.lines = lines
    program = IsolatedProgram(
      configuration: IsolatedProgramConfiguration(
        executable: executable ?? Self.products.appending(path: "isolation-test-child").path, arguments: [],
        environment: ["LISTED": "yes"], temporaryFolder: root.path, width: width, jobsPerChild: jobsPerChild,
        world: .system, log: log))
  }

  /// A job that asks the worker for something.
  static func work(_ how: String, _ text: String = "", deadline: Duration = .seconds(120)) -> IsolatedWork {
    IsolatedWork(
      worker: "test.misbehave", input: ["how": .string(how), "text": .string(text)], job: "job-1", run: "run-1",
      tenant: "acme", pipeline: "bad", stage: "step", attempt: 2,
      authority: Authority(job: "job-1", epoch: Epoch(rawValue: 3), fence: Fence(rawValue: 4), holder: "holder-5"),
      logFields: ["request_id": "request-6"], deadline: deadline)
  }

  /// The answer of a job.
  func ask(_ how: String, _ text: String = "", within policy: IsolationPolicy = .standard) async throws -> String {
    let output = try await program.run(Self.work(how, text), within: policy)
    guard case .string(let answer)? = output.json["answer"] else { return "" }
    return answer
  }

  /// The failure of a job that must fail.
  func failure(
    _ how: String, _ text: String = "", within policy: IsolationPolicy = .standard, deadline: Duration = .seconds(120)
  ) async throws -> Failure {
    try await #require(throws: Failure.self) {
      try await program.run(Self.work(how, text, deadline: deadline), within: policy)
    }
  }

  /// Expects that the next job is done as if nothing had happened.
  func expectGoesOn(_ place: SourceLocation = #_sourceLocation) async throws {
    #expect(try await ask("hello") == "hello", sourceLocation: place)
  }
}

/// What was logged, line by line.
final class LogLines: Sendable {
  private let lines = Mutex([JSON]())

  func add(_ line: [UInt8]) {
    guard let json = try? JSONReader.parse(line) else { return }
    lines.withLock { $0.append(json) }
  }

  var all: [JSON] { lines.withLock { $0 } }
}

/// Returns when a process is gone, or is no more than an entry that nobody has waited for yet.
func waitForEnd(of process: Int32) async {
  while let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
    status.split(separator: ")").last?.hasPrefix(" Z") == false, !Task.isCancelled
  { await Task.yield() }
}
