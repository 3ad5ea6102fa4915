public import WorkerKit

/// Any queue, failing on demand.
public final class FaultyQueue: JobQueue {
  /// A queue's verbs.
  public enum Verb: String, Sendable, Hashable, CaseIterable {
    case push, lease, renew, finish, revoke, expired, known, depths, open, project
  }

  /// What shall go wrong.
  public let faults: Faults<Verb>
  private let base: any JobQueue

  /// Wraps a queue; until told otherwise it fails as often as that does. `answered` is raised after every call.
  public init(_ base: any JobQueue, answered: Signal = Signal()) {
    self.base = base
    faults = Faults(answered: answered)
  }

  public func push(_ handoff: Handoff) async throws(DriverError) -> [PushAnswer] {
    try await faults.pass(.push) { () async throws(DriverError) in try await base.push(handoff) }
  }

  public func lease(_ request: LeaseRequest) async throws(DriverError) -> [Lease] {
    try await faults.pass(.lease) { () async throws(DriverError) in try await base.lease(request) }
  }

  public func renew(_ leases: [Lease]) async throws(DriverError) -> [RenewAnswer] {
    try await faults.pass(.renew) { () async throws(DriverError) in try await base.renew(leases) }
  }

  public func finish(_ authorities: [Authority]) async throws(DriverError) -> [FinishAnswer] {
    try await faults.pass(.finish) { () async throws(DriverError) in try await base.finish(authorities) }
  }

  public func revoke(_ jobs: [FencedJob]) async throws(DriverError) -> [RevokeAnswer] {
    try await faults.pass(.revoke) { () async throws(DriverError) in try await base.revoke(jobs) }
  }

  public func expired(limit: Int) async throws(DriverError) -> [Authority] {
    try await faults.pass(.expired) { () async throws(DriverError) in try await base.expired(limit: limit) }
  }

  public func known(_ jobs: [FencedJob]) async throws(DriverError) -> [KnownAnswer] {
    try await faults.pass(.known) { () async throws(DriverError) in try await base.known(jobs) }
  }

  public func depths() async throws(DriverError) -> [QueueDepth] {
    try await faults.pass(.depths) { () async throws(DriverError) in try await base.depths() }
  }

  public func open(_ epoch: Epoch, under controls: QueueControls) async throws(DriverError) {
    try await faults.pass(.open) { () async throws(DriverError) in try await base.open(epoch, under: controls) }
  }

  public func project(_ controls: QueueControls) async throws(DriverError) {
    try await faults.pass(.project) { () async throws(DriverError) in try await base.project(controls) }
  }

  public func isOpen(in epoch: Epoch) async throws(DriverError) -> Bool { try await base.isOpen(in: epoch) }
}
