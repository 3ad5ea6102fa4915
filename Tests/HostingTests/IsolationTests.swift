import Logging
import Synchronization
import Testing
import WorkerKit

/// Does the work of another process in this one, through everything that would travel between the two.
private final class NearRunner: IsolatedRunner {
  private let registry: WorkerRegistry
  private let environment: Environment
  private let asked = Mutex([(work: IsolatedWork, policy: IsolationPolicy)]())

  init(registry: WorkerRegistry, environment: Environment) {
    self.registry = registry
    self.environment = environment
  }

  var calls: [(work: IsolatedWork, policy: IsolationPolicy)] { asked.withLock { $0 } }

  func run(_ work: IsolatedWork, within policy: IsolationPolicy) async throws -> IsolatedOutput {
    asked.withLock { $0.append((work, policy)) }
    guard let arrived = IsolatedWork(json: work.json), arrived == work else {
      throw Failure(.permanent, "changed", "The work has changed on its way.")
    }
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    switch await arrived.perform(with: registry, environment: environment, log: log) {
    case .returned(let output, let artifacts):
      return IsolatedOutput(json: try JSONReader.parse(output), artifacts: artifacts)
    case .failed(let failure): throw failure
    case .cancelled, .awaits: throw CancellationError()
    }
  }
}

@Suite("A host: jobs in processes of their own", .timeLimit(.minutes(5)))
struct IsolationTests {
  private static let single = TestPipeline.single()

  @Test("A stage that asks for it runs elsewhere, with the context that it would have here")
  func runsElsewhere() async throws {
    let fixture = try HostFixture(pipeline: TestPipeline.isolated)
    let runner = NearRunner(registry: try fixture.registry(), environment: fixture.environment)
    fixture.isolated.withLock { $0 = runner }
    try await fixture.emit()
    try await fixture.withHost { _ in try await fixture.untilJob(is: .succeeded) }
    let job = try await fixture.job()
    #expect(job.output == Array(#"{"value":7}"#.utf8))
    let call = try #require(runner.calls.first)
    #expect(runner.calls.count == 1)
    #expect(call.policy == IsolationPolicy(memoryBytes: 512 << 20, cpuSeconds: 5, openFiles: 64))
    #expect(call.work.job == job.id && call.work.run == job.run && call.work.tenant == "acme")
    #expect(call.work.stage == "step" && call.work.attempt == 1 && call.work.worker == "test.step")
    #expect(call.work.authority.job == job.id && call.work.authority.fence == .first)
    #expect(call.work.deadline == .seconds(60))
    #expect(fixture.script.calls.map(\.job) == [job.id])
  }

  @Test("A stage that does not ask runs here")
  func runsHere() async throws {
    let fixture = try HostFixture(pipeline: Self.single)
    let runner = NearRunner(registry: try fixture.registry(), environment: fixture.environment)
    fixture.isolated.withLock { $0 = runner }
    try await fixture.emit()
    try await fixture.withHost { _ in try await fixture.untilJob(is: .succeeded) }
    #expect(runner.calls.isEmpty)
  }

  @Test("A worker that has to be in the host's process runs nowhere else: a dead letter that says so")
  func isUnsupported() async throws {
    let fixture = try HostFixture(pipeline: TestPipeline.isolated)
    let runner = NearRunner(registry: try fixture.registry(), environment: fixture.environment)
    fixture.isolated.withLock { $0 = runner }
    fixture.isIsolable.withLock { $0 = false }
    try await fixture.emit()
    try await fixture.withHost { _ in try await fixture.untilJob(is: .failed) }
    let failure = try await fixture.job().failure
    #expect(failure?.kind == .permanent && failure?.code == "isolation_unsupported")
    #expect(runner.calls.isEmpty && fixture.script.calls.isEmpty)
  }

  @Test("A host that has no processes to give makes a dead letter that says so")
  func isUnavailable() async throws {
    let fixture = try HostFixture(pipeline: TestPipeline.isolated)
    try await fixture.emit()
    try await fixture.withHost { _ in try await fixture.untilJob(is: .failed) }
    let job = try await fixture.job()
    #expect(job.failure?.kind == .permanent)
    #expect(job.failure?.code == "isolation_unavailable")
    #expect(job.standing.attempts == 1)
    #expect(fixture.script.calls.isEmpty)
  }
}
