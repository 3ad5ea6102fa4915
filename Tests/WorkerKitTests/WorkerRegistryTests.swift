import Logging
import Testing
import WorkerKitTesting

@testable import WorkerKit

@Suite("The registry of workers")
struct WorkerRegistryTests {
  struct Twice: WorkerOptions {
    static var fields: [OptionDescription] {
      [OptionField<Int>("a", "A.").description, OptionField<String>("a", "A again.").description]
    }
    init(_ reader: OptionReader) throws(OptionProblem) {}
  }

  struct Nothing: WorkerOutput {
    static var fields: [OutputField] { [] }
    var json: JSON { [:] }
  }

  struct Doubled: Worker {
    static let name: WorkerName = "test.doubled"
    static let summary = "Declares an option twice."
    func run(_ options: Twice, context: WorkerContext) async throws -> Nothing { Nothing() }
  }

  struct Echo<Name: Named>: Worker {
    static var name: WorkerName { WorkerName(Name.text) }
    static var summary: String { "Does nothing." }
    func run(_ options: ObjectOptions, context: WorkerContext) async throws -> Nothing { Nothing() }
  }

  protocol Named: Sendable { static var text: String { get } }
  enum Good: Named { static let text = "test.echo_two" }
  enum Bare: Named { static let text = "echo" }
  enum Upper: Named { static let text = "test.Echo" }
  enum Dotted: Named { static let text = "test..echo" }
  enum Ended: Named { static let text = "test." }
  enum Dot: Named { static let text = "." }
  enum Spaced: Named { static let text = "test.an echo" }

  private let context = WorkerContext(
    job: "j", run: "r", tenant: "t", pipeline: "p", stage: "s", attempt: 1,
    authority: Authority(job: "j", epoch: .first, fence: .first, holder: "h"), logFields: [:],
    baseLog: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), environment: .test(seed: 1))

  @Test func knowsWhatIsRegistered() throws {
    let registry = try Fixture.registry()
    #expect(registry.names == ["autosave.persist", "media.scan", "media.thumbnails"])
    #expect(registry.all.map(\.name) == registry.names)
    #expect(registry.worker("media.scan")?.options.map(\.name) == ["object"])
    #expect(registry.worker("media.scna") == nil)
  }

  @Test func namesAreTakenOnce() throws {
    var registry = try Fixture.registry()
    let error = #expect(throws: RegistryError.self) { try registry.register(FakeScan()) }
    #expect(error?.description == "worker media.scan is registered already")
    #expect(throws: RegistryError.self) { try registry.describe(FakeScan.self) }
    #expect(registry.all.count == 3)
  }

  @Test func namesHaveAForm() throws {
    var registry = WorkerRegistry()
    try registry.register(Echo<Good>())
    #expect(throws: RegistryError.self) { try registry.register(Echo<Bare>()) }
    #expect(throws: RegistryError.self) { try registry.register(Echo<Upper>()) }
    #expect(throws: RegistryError.self) { try registry.register(Echo<Dotted>()) }
    #expect(throws: RegistryError.self) { try registry.register(Echo<Ended>()) }
    #expect(throws: RegistryError.self) { try registry.register(Echo<Dot>()) }
    #expect(throws: RegistryError.self) { try registry.register(Echo<Spaced>()) }
    #expect(registry.names == ["test.echo_two"])
  }

  @Test func optionsHaveNamesOfTheirOwn() {
    var registry = WorkerRegistry()
    let error = #expect(throws: RegistryError.self) { try registry.register(Doubled()) }
    #expect(error?.message == "declares an option twice")
  }

  @Test func defaultsOfWorkersHold() throws {
    var registry = WorkerRegistry()
    try registry.register(Echo<Good>())
    let worker = try #require(registry.worker("test.echo_two"))
    #expect(worker.queue == .standard)
    #expect(worker.timeout == .seconds(60))
    #expect(worker.retry == .standard)
  }

  @Test func aRegisteredWorkerReadsItsOptionsAndRuns() async throws {
    var registry = WorkerRegistry()
    try registry.register(Echo<Good>())
    let worker = try #require(registry.worker("test.echo_two"))
    #expect(try await worker.run(["object": "a"], context).json == [:])
    let failure = await #expect(throws: Failure.self) { try await worker.run(["objct": "a"], context) }
    #expect(failure?.kind == .permanent)
    #expect(failure?.code == "invalid_options")
    #expect(failure?.fields == ["option": "objct", "expected": "is not an option; did you mean object?"])
  }

  @Test func aDescribedWorkerCannotRun() async throws {
    var registry = WorkerRegistry()
    try registry.describe(Echo<Good>.self)
    let worker = try #require(registry.worker("test.echo_two"))
    #expect(worker.options.map(\.name) == ["object"])
    let failure = await #expect(throws: Failure.self) { try await worker.run(["object": "a"], context) }
    #expect(failure?.kind == .transient)
    #expect(failure?.code == "worker_not_here")
  }
}
