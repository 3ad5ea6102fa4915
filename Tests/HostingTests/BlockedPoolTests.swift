import Dispatch
import DriverThreads
import FoundationEssentials
import Synchronization
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A host on the keeper's own thread", .serialized)
struct BlockedPoolTests {
  @Test("Workers that block every thread of the pool lose no lease", .timeLimit(.minutes(5)))
  func blockedPool() async throws {
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let turnstile = Turnstile()
    let fixture = try HostFixture { _, value in
      turnstile.block()
      return value
    }
    let jobs = processors + 2
    try await fixture.emit(jobs)
    let leasing = ClosableQueue(fixture.queue)
    let queue = RenewalCounter(leasing) { renewals in
      if renewals.count == jobs, renewals.values.allSatisfy({ $0 >= 3 }) { turnstile.open() }
    }
    let time = RunningWhileBlocked(base: fixture.time) { turnstile.blocked >= processors && !turnstile.isOpen }
    let ticker = KeeperThread(interval: .milliseconds(5))
    let host = try fixture.host(concurrency: jobs, queue: queue, time: time, ticker: ticker)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await host.run() }
      do { try await fixture.untilAllEnded() } catch { Issue.record(error) }
      turnstile.open()
      host.stop()
      leasing.close()
    }
    ticker.close()
    #expect(fixture.script.calls.count == jobs && fixture.script.cancelled.isEmpty)
    #expect(try await fixture.jobs().allSatisfy { $0.standing.state == .succeeded && $0.standing.losses == 0 })
    #expect(queue.renewals.count == jobs && queue.renewals.values.allSatisfy { $0 >= 3 })
    #expect(fixture.metrics.value(of: MetricName.leasesLost) == 0)
    // Three renewals of leases of 15 s: more time has passed than one lease lasts.
    #expect(fixture.time.monotonic >= HostFixture.leaseLength)
  }
}

/// Blocks threads, not tasks, until it is opened.
private final class Turnstile: Sendable {
  private let state = Mutex((blocked: 0, isOpen: false))
  private let semaphore = DispatchSemaphore(value: 0)

  var blocked: Int { state.withLock { $0.blocked } }
  var isOpen: Bool { state.withLock { $0.isOpen } }

  func block() {
    let isOpen = state.withLock { state in
      if !state.isOpen { state.blocked += 1 }
      return state.isOpen
    }
    if !isOpen { semaphore.wait() }
  }

  func open() {
    let blocked = state.withLock { state in
      defer { state = (0, true) }
      return state.blocked
    }
    for _ in 0..<blocked { semaphore.signal() }
  }
}

/// A clock that goes on by a second at every look as long as `isRunning`: then nobody but the keeper can look.
private struct RunningWhileBlocked: TimeSource {
  let base: ManualTime
  let isRunning: @Sendable () -> Bool

  var now: Timestamp { base.now }
  var monotonic: Duration {
    if isRunning() { base.advance(by: .seconds(1)) }
    return base.monotonic
  }
  func sleep(for length: Duration) async throws { try await base.sleep(for: length) }
}

/// Any queue, counting the renewals that it has granted.
private final class RenewalCounter: JobQueue {
  private let base: any JobQueue
  private let counts = Mutex<[JobID: Int]>([:])
  private let renewed: @Sendable ([JobID: Int]) -> Void

  var renewals: [JobID: Int] { counts.withLock { $0 } }

  init(_ base: any JobQueue, renewed: @escaping @Sendable ([JobID: Int]) -> Void) {
    self.base = base
    self.renewed = renewed
  }

  func renew(_ leases: [Lease]) async throws(DriverError) -> [RenewAnswer] {
    let answers = try await base.renew(leases)
    counts.withLock { counts in
      for (lease, answer) in zip(leases, answers) where answer == .extended {
        counts[lease.authority.job, default: 0] += 1
      }
    }
    renewed(renewals)
    return answers
  }

  func push(_ handoff: Handoff) async throws(DriverError) -> [PushAnswer] { try await base.push(handoff) }
  func lease(_ request: LeaseRequest) async throws(DriverError) -> [Lease] { try await base.lease(request) }
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
