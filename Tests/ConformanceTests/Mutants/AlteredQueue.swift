import WorkerKit

/// A queue whose verbs can be replaced one by one; those that are not keep their promises.
struct AlteredQueue: JobQueue {
  let base: any JobQueue
  var pushing: @Sendable (Handoff) async throws(DriverError) -> [PushAnswer]
  var leasing: @Sendable (LeaseRequest) async throws(DriverError) -> [Lease]
  var renewing: @Sendable ([Lease]) async throws(DriverError) -> [RenewAnswer]
  var finishing: @Sendable ([Authority]) async throws(DriverError) -> [FinishAnswer]
  var opening: @Sendable (Epoch, QueueControls) async throws(DriverError) -> Void
  var projecting: @Sendable (QueueControls) async throws(DriverError) -> Void

  init(_ base: any JobQueue) {
    self.base = base
    pushing = { handoff throws(DriverError) in try await base.push(handoff) }
    leasing = { request throws(DriverError) in try await base.lease(request) }
    renewing = { leases throws(DriverError) in try await base.renew(leases) }
    finishing = { authorities throws(DriverError) in try await base.finish(authorities) }
    opening = { epoch, controls throws(DriverError) in try await base.open(epoch, under: controls) }
    projecting = { controls throws(DriverError) in try await base.project(controls) }
  }

  func push(_ handoff: Handoff) async throws(DriverError) -> [PushAnswer] { try await pushing(handoff) }
  func lease(_ request: LeaseRequest) async throws(DriverError) -> [Lease] { try await leasing(request) }
  func renew(_ leases: [Lease]) async throws(DriverError) -> [RenewAnswer] { try await renewing(leases) }
  func finish(_ authorities: [Authority]) async throws(DriverError) -> [FinishAnswer] {
    try await finishing(authorities)
  }
  func revoke(_ jobs: [FencedJob]) async throws(DriverError) -> [RevokeAnswer] { try await base.revoke(jobs) }
  func expired(limit: Int) async throws(DriverError) -> [Authority] { try await base.expired(limit: limit) }
  func known(_ jobs: [FencedJob]) async throws(DriverError) -> [KnownAnswer] { try await base.known(jobs) }
  func depths() async throws(DriverError) -> [QueueDepth] { try await base.depths() }
  func open(_ epoch: Epoch, under controls: QueueControls) async throws(DriverError) {
    try await opening(epoch, controls)
  }
  func project(_ controls: QueueControls) async throws(DriverError) { try await projecting(controls) }
  func isOpen(in epoch: Epoch) async throws(DriverError) -> Bool { try await base.isOpen(in: epoch) }
}
