import Synchronization
import WorkerKit
import WorkerKitTesting

/// A queue in memory that can lose everything, as a server without persistence does when it starts again.
final class WipeableQueue: JobQueue {
  private let environment: Environment
  private let current: Mutex<InMemoryQueue>
  private var base: InMemoryQueue { current.withLock { $0 } }

  init(environment: Environment) {
    self.environment = environment
    current = Mutex(InMemoryQueue(environment: environment))
  }

  /// Forgets everything, in the same epoch.
  func wipe() {
    let empty = InMemoryQueue(environment: environment)
    current.withLock { $0 = empty }
  }

  func push(_ handoff: Handoff) async throws(DriverError) -> [PushAnswer] { try await base.push(handoff) }
  func lease(_ request: LeaseRequest) async throws(DriverError) -> [Lease] { try await base.lease(request) }
  func renew(_ leases: [Lease]) async throws(DriverError) -> [RenewAnswer] { try await base.renew(leases) }
  func finish(_ authorities: [Authority]) async throws(DriverError) -> [FinishAnswer] {
    try await base.finish(authorities)
  }
  func revoke(_ jobs: [FencedJob]) async throws(DriverError) -> [RevokeAnswer] { try await base.revoke(jobs) }
  func expired(limit: Int) async throws(DriverError) -> [Authority] { try await base.expired(limit: limit) }
  func known(_ jobs: [FencedJob]) async throws(DriverError) -> [KnownAnswer] { try await base.known(jobs) }
  func depths() async throws(DriverError) -> [QueueDepth] { try await base.depths() }
  func open(_ epoch: Epoch, under controls: QueueControls) async throws(DriverError) {
    try await base.open(epoch, under: controls)
  }
  func project(_ controls: QueueControls) async throws(DriverError) { try await base.project(controls) }
}
