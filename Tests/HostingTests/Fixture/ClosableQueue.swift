import WorkerKit
import WorkerKitTesting

/// Any queue whose waits for work can be cut short: a host that is stopped ends, though its clock stands still.
final class ClosableQueue: JobQueue {
  private let base: any JobQueue
  private let closed = Signal()

  init(_ base: any JobQueue) { self.base = base }

  /// Lets whoever waits for work have what there is, now and later.
  func close() { closed.raise() }

  func lease(_ request: LeaseRequest) async throws(DriverError) -> [Lease] {
    let result = await withTaskGroup(of: Result<[Lease], DriverError>?.self) { [base, closed] group in
      group.addTask {
        do throws(DriverError) { return .success(try await base.lease(request)) } catch { return .failure(error) }
      }
      group.addTask {
        await closed.wait(after: 0)
        return nil
      }
      var result: Result<[Lease], DriverError>?
      for await answer in group {
        group.cancelAll()
        result = answer ?? result
      }
      return result
    }
    return try result?.get() ?? []
  }

  func push(_ handoff: Handoff) async throws(DriverError) -> [PushAnswer] { try await base.push(handoff) }
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
