internal import WorkerKit

/// Hosts and dispatchers that take their steps in random order, and may die after any of them.
///
/// Everything that a process holds between two steps is kept here and may be lost: leases that it works on, handoffs
/// that it has not pushed, leases that it has not finished, answers on which it has not acted. What is lost must be
/// found again by time alone.
struct SeamSimulation {
  /// An attempt on a host.
  struct Attempt {
    let lease: Lease
    /// Until then, on the monotonic clock, nobody may take the job away.
    var safeUntil: Duration
  }

  /// What a queue may hand out once.
  struct Grant: Hashable {
    let epoch: Epoch
    let job: FencedJob
  }

  let bench: SeamBench
  private let plan: SettlePlanner
  private var uncommitted: [SeamBench.Wanted]
  private var held: [Attempt] = []
  private var unpushed: [Handoff] = []
  private var unfinished: [Authority] = []
  private var expired: [FencedJob] = []
  private var unknown: [FencedJob] = []
  private var grants: Set<Grant> = []
  /// Jobs that the store has said are settled with success.
  private var done: Set<JobID> = []

  init(_ bench: SeamBench, wanted: [SeamBench.Wanted]) {
    self.bench = bench
    plan = Plans.joining(bench.environment)
    uncommitted = wanted
  }

  /// Does one thing that a process might do next.
  mutating func step() async throws {
    switch chance(of: 28) {
    case 0: try await commit()
    case 1...5: try await lease()
    case 6...7: try await begin()
    case 8...10: try await renew()
    case 11...15: try await settle()
    case 16: _ = draw(&held)
    case 17...19: try await push()
    case 20...21: try await finish()
    case 22: bench.time.advance(by: .milliseconds(Int64(chance(of: 10_000))))
    case 23: expired += try await bench.queue.expired(limit: 3).map(\.claim)
    case 24: try await reissue(takeAll(&expired), because: .lost)
    case 25: try await askQueue()
    case 26: try await reissue(takeAll(&unknown), because: .overdue)
    default: try await changeEpoch()
    }
  }

  /// Lets every process die at once, and then works in order until nothing is left.
  mutating func drain(rounds: Int = 20) async throws {
    while !uncommitted.isEmpty { try await commit() }
    (held, unpushed, unfinished, expired, unknown) = ([], [], [], [], [])
    for _ in 0..<rounds {
      for queue: QueueName in [.standard, "joins"] {
        let leases = try await bench.lease(1000, from: queue)
        for lease in leases { try await checkGrant(lease) }
        try await bench.settle(leases, plan: plan)
      }
      bench.time.advance(by: .seconds(60))
      try await bench.reap()
      try await bench.reconcile()
    }
  }

  private mutating func commit() async throws {
    guard let wanted = uncommitted.popLast() else { return }
    if let handoff = try await bench.commit([wanted]).handoff { unpushed.append(handoff) }
  }

  private mutating func push() async throws {
    guard let handoff = draw(&unpushed) else { return }
    switch chance(of: 4) {
    case 0: return
    case 1: _ = try await bench.queue.push(handoff)
    default: try await bench.deliver(handoff)
    }
  }

  private mutating func finish() async throws {
    guard let authority = draw(&unfinished), chance(of: 4) > 0 else { return }
    _ = try await bench.queue.finish([authority])
  }

  private mutating func reissue(_ jobs: [FencedJob], because cause: ReissueCause) async throws {
    if let handoff = try await bench.store.reissue(jobs, because: cause).handoff { unpushed.append(handoff) }
  }

  private mutating func askQueue() async throws {
    let due = try await bench.store.due(limit: 3)
    let jobs = due.flatMap(\.jobs)
    unknown += zip(jobs, try await bench.queue.known(jobs)).filter { $0.1 == .unknown }.map(\.0)
  }

  private mutating func changeEpoch() async throws {
    guard chance(of: 10) == 0 else { return }
    try await bench.changeEpoch(page: 7)
    (expired, unknown) = ([], [])
  }

  private func chance(of count: Int) -> Int { Int(bench.environment.random.next() % UInt64(count)) }

  private func draw<Item>(_ items: inout [Item]) -> Item? {
    items.isEmpty ? nil : items.remove(at: chance(of: items.count))
  }

  private func takeAll<Item>(_ items: inout [Item]) -> [Item] {
    defer { items = [] }
    return items
  }
}

/// What hosts do, and what they may rely on.
extension SeamSimulation {
  private mutating func lease() async throws {
    let queue: QueueName = chance(of: 3) == 0 ? "joins" : .standard
    for lease in try await bench.lease(1 + chance(of: 3), from: queue) {
      try await checkGrant(lease)
      held.append(Attempt(lease: lease, safeUntil: bench.time.monotonic + lease.length))
    }
  }

  private mutating func checkGrant(_ lease: Lease) async throws {
    let authority = lease.authority
    let grant = Grant(epoch: authority.epoch, job: FencedJob(job: authority.job, fence: authority.fence))
    try expect(grants.insert(grant).inserted, "A job is granted once under each fence of an epoch.")
    guard done.contains(authority.job) else { return }
    try expect(try await bench.load(lease) == nil, "A job that had succeeded is not run again.")
  }

  private mutating func begin() async throws {
    guard let attempt = draw(&held) else { return }
    let answer = try await bench.begin(attempt.lease)
    if try await isSafe(attempt) { try expect(answer, is: .kept, "Who holds a lease may begin.") }
    if answer == .kept { held.append(attempt) }
  }

  private mutating func renew() async throws {
    guard var attempt = draw(&held) else { return }
    let isSafe = try await isSafe(attempt)
    let answer = try await bench.queue.renew([attempt.lease])
    if isSafe { try expect(answer, is: [.extended], "Who holds a lease may renew it.") }
    guard answer == [.extended] else { return }
    let epoch = try await bench.store.epoch()
    try expect(attempt.lease.authority.epoch, is: epoch, "No lease of an old epoch is renewed.")
    // One that had run out may be taken away all the same: somebody may have seen it.
    if isSafe { attempt.safeUntil = bench.time.monotonic + attempt.lease.length }
    held.append(attempt)
  }

  private mutating func settle() async throws {
    guard let attempt = draw(&held) else { return }
    guard chance(of: 10) > 0 else { return try await failToSettle(attempt) }
    let outcomes: [Outcome] = [.done, .done, .done, .released, .again(after: .seconds(chance(of: 5)))]
    let settlement = bench.settlement(attempt.lease, outcomes[chance(of: outcomes.count)])
    let isSafe = try await isSafe(attempt)
    let result = try await bench.store.settle([settlement], plan: plan)
    if isSafe { try expect(result.answers, is: [.settled], "Who holds a lease may settle.") }
    if case .succeeded = settlement.outcome, result.answers == [.settled] { done.insert(settlement.authority.job) }
    switch chance(of: 4) {
    case 0:
      let again = try await bench.store.settle([settlement], plan: plan)
      try expect(again.answers, is: result.answers, "What is asked again is answered as before.")
      try expect(again.handoff, is: nil, "What is asked again makes nothing new.")
    case 1:
      // Killed after the commit.
      return
    default: break
    }
    if let handoff = result.handoff { unpushed.append(handoff) }
    unfinished.append(settlement.authority)
  }

  private mutating func failToSettle(_ attempt: Attempt) async throws {
    let settlement = bench.settlement(attempt.lease, .done)
    // Only a settlement that ends something is planned; a stale one fails nothing.
    do { _ = try await bench.store.settle([settlement]) { _ in throw PlanFailure() } } catch {}
    if chance(of: 2) == 0 { held.append(attempt) }
  }

  private func isSafe(_ attempt: Attempt) async throws -> Bool {
    let epoch = try await bench.store.epoch()
    return attempt.lease.authority.epoch == epoch && bench.time.monotonic < attempt.safeUntil
  }
}
