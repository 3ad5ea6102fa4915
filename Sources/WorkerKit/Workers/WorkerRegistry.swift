/// The workers that a program knows, by name. Explicit: what is not registered does not exist.
public struct WorkerRegistry: Sendable {
  private var workers: [WorkerName: RegisteredWorker] = [:]

  /// An empty registry.
  public init() {}

  /// Adds a worker.
  /// - Throws: A `RegistryError` when the name is taken or is no worker's name, or two options share a name.
  public mutating func register<W: Worker>(_ worker: W) throws(RegistryError) {
    try add(RegisteredWorker(worker), as: W.self)
  }

  /// Adds what is known of a worker without the worker: for checks and documentation, where nothing is run.
  /// - Throws: A `RegistryError`, as `register` does.
  public mutating func describe<W: Worker>(_ type: W.Type) throws(RegistryError) {
    try add(RegisteredWorker(describing: type), as: type)
  }

  private mutating func add<W: Worker>(_ worker: RegisteredWorker, as type: W.Type) throws(RegistryError) {
    guard workers[W.name] == nil else { throw RegistryError(worker: W.name, message: "is registered already") }
    guard isName(W.name.rawValue) else {
      throw RegistryError(
        worker: W.name, message: "is not a name like media.thumbnails: two or more lower-case words, with dots between")
    }
    let names = W.Options.fields.map(\.name)
    guard Set(names).count == names.count else {
      throw RegistryError(worker: W.name, message: "declares an option twice")
    }
    workers[W.name] = worker
  }

  private func isName(_ text: String) -> Bool {
    let words = text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
    return words.count >= 2
      && words.allSatisfy { word in !word.isEmpty && word.allSatisfy { $0 == 0x5F || ($0 >= 0x61 && $0 <= 0x7A) } }
  }

  /// The worker of this name, or nil.
  public func worker(_ name: WorkerName) -> RegisteredWorker? { workers[name] }

  /// All workers, sorted by name.
  public var all: [RegisteredWorker] { workers.values.sorted { $0.name < $1.name } }

  /// All names, sorted.
  public var names: [WorkerName] { workers.keys.sorted() }
}

/// Why a worker cannot be registered.
public struct RegistryError: Error, Sendable, Hashable, CustomStringConvertible {
  public let worker: WorkerName
  public let message: String

  /// One line for a person.
  public var description: String { "worker \(worker) \(message)" }
}

/// A worker without its types: what hosts run and what lint and documentation read.
public struct RegisteredWorker: Sendable {
  public let name: WorkerName
  public let summary: String
  public let queue: QueueName
  public let timeout: Duration
  public let retry: RetryPolicy
  public let options: [OptionDescription]
  public let outputs: [OutputField]
  /// Decodes the options and does the work.
  let run: @Sendable (JSON, WorkerContext) async throws -> any WorkerOutput

  init<W: Worker>(describing type: W.Type) {
    self.init(type) { _, _ in
      throw Failure(.transient, "worker_not_here", "This program describes the worker and cannot run it.")
    }
  }

  init<W: Worker>(_ worker: W) {
    self.init(W.self) { json, context in
      let options: W.Options
      do throws(OptionProblem) {
        options = try W.Options(OptionReader(json, fields: W.Options.fields))
      } catch {
        throw Failure(
          .permanent, "invalid_options", "The stage's options are not what the worker accepts.",
          fields: ["option": error.option, "expected": error.message])
      }
      return try await worker.run(options, context: context)
    }
  }

  private init<W: Worker>(
    _ type: W.Type, run: @escaping @Sendable (JSON, WorkerContext) async throws -> any WorkerOutput
  ) {
    name = W.name
    summary = W.summary
    queue = W.queue
    timeout = W.timeout
    retry = W.retry
    options = W.Options.fields
    outputs = W.Output.fields
    self.run = run
  }
}
