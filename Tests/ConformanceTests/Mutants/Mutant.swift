import WorkerKit
import WorkerKitTesting

/// A pair of drivers that breaks one promise, and the check that must notice.
struct Mutant: Sendable, CustomStringConvertible {
  let description: String
  /// The check's name, without its number.
  let caughtBy: String
  let driver: SeamDriver

  /// Breaks the in-memory queue.
  static func queue(
    _ description: String, caughtBy: String,
    _ change: @escaping @Sendable (inout AlteredQueue, any JobStore, Environment) -> Void
  ) -> Mutant {
    Mutant(
      description: description, caughtBy: caughtBy,
      driver: SeamDriver(description) { environment in
        let store = InMemoryStore(environment: environment)
        var queue = AlteredQueue(InMemoryQueue(environment: environment))
        change(&queue, store, environment)
        return SeamPair(store: store, queue: queue)
      })
  }

  /// Breaks the in-memory store.
  static func store(
    _ description: String, caughtBy: String, _ change: @escaping @Sendable (inout AlteredStore, any JobQueue) -> Void
  ) -> Mutant {
    Mutant(
      description: description, caughtBy: caughtBy,
      driver: SeamDriver(description) { environment in
        let queue = InMemoryQueue(environment: environment)
        var store = AlteredStore(InMemoryStore(environment: environment))
        change(&store, queue)
        return SeamPair(store: store, queue: queue)
      })
  }
}

extension Lease {
  /// The same lease with parts of its authority replaced.
  func with(epoch: Epoch? = nil, holder: Holder? = nil) -> Lease {
    Lease(authority: authority.with(epoch: epoch, holder: holder), queue: queue, length: length)
  }
}

extension Authority {
  /// The same authority with parts replaced.
  func with(epoch: Epoch? = nil, holder: Holder? = nil) -> Authority {
    Authority(job: job, epoch: epoch ?? self.epoch, fence: fence, holder: holder ?? self.holder)
  }
}

extension Settlement {
  /// The same settlement under another authority.
  func with(_ authority: Authority) -> Settlement {
    Settlement(authority: authority, outcome: outcome, host: host, startedAt: startedAt)
  }
}
