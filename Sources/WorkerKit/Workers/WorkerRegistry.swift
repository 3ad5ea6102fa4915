/// The workers that a program knows, by name. Explicit: what is not registered does not exist.
public struct WorkerRegistry: Sendable {
  private var workers: [WorkerName: RegisteredWorker] = [:]

  /// An empty registry.
  public init() {}

  /// Adds a worker.
  /// - Parameter isIsolable: False where its jobs cannot run in processes of their own: a stage that asks for that is
  ///   then a mistake in its file.
  /// - Throws: A `RegistryError` when the name is taken or is no worker's name, or two options share a name.
  public mutating func register<W: Worker>(_ worker: W, isIsolable: Bool = true) throws(RegistryError) {
    var registered = RegisteredWorker(worker)
    registered.isIsolable = isIsolable
    try add(registered, as: W.self)
  }

  /// Adds a worker that takes many jobs at once.
  /// - Throws: A `RegistryError` when the name is taken or is no worker's name, or two options share a name.
  public mutating func register<W: BatchWorker>(_ worker: W) throws(RegistryError) {
    try add(RegisteredWorker(worker), as: W.self)
  }

  /// Adds what is known of a worker without the worker: for checks and documentation, where nothing is run.
  /// - Throws: A `RegistryError`, as `register` does.
  public mutating func describe<W: DescribedWorker>(_ type: W.Type) throws(RegistryError) {
    try add(RegisteredWorker(describing: type), as: type)
  }

  private mutating func add<W: DescribedWorker>(_ worker: RegisteredWorker, as type: W.Type) throws(RegistryError) {
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
