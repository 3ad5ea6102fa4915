public import WorkerKit

/// A store and its queue, freshly made and empty.
public struct SeamPair: Sendable {
  public let store: any JobStore
  public let queue: any JobQueue
  /// Gives back what the pair holds: files, connections.
  public let close: @Sendable () async -> Void

  /// Puts a pair together.
  public init(
    store: any JobStore, queue: any JobQueue, close: @escaping @Sendable () async -> Void = {}
  ) {
    self.store = store
    self.queue = queue
    self.close = close
  }
}

/// A combination of drivers that the conformance suite is run against.
public struct SeamDriver: Sendable, CustomStringConvertible {
  public let name: String
  /// Makes an empty pair in a world of the check's own; both must take time, chance and ids from it alone.
  public let open: @Sendable (Environment) async throws -> SeamPair

  /// Names a combination.
  public init(_ name: String, open: @escaping @Sendable (Environment) async throws -> SeamPair) {
    self.name = name
    self.open = open
  }

  public var description: String { name }

  /// The drivers of this library.
  public static let inMemory = SeamDriver("in memory") { environment in
    SeamPair(store: InMemoryStore(environment: environment), queue: InMemoryQueue(environment: environment))
  }
}
