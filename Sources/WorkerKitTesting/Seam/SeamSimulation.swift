internal import WorkerKit

/// Hosts and dispatchers that take their steps in random order, and may die after any of them.
///
/// Everything that a process holds between two steps is kept here and may be lost: leases that it works on, handoffs
/// that it has not pushed, leases that it has not finished. What is lost must be found again by time alone.
struct SeamSimulation {
  private let bench: SeamBench
  private let plan: SettlePlanner
  private var held: [Lease] = []
  private var unpushed: [Handoff] = []
  private var unfinished: [Authority] = []
  /// Jobs that the store has said are settled with success.
  private var done: Set<JobID> = []

  init(_ bench: SeamBench) {
    self.bench = bench
    plan = Plans.joining(bench.environment)
  }

  /// Does one thing that a process might do next.
  mutating func step() async throws {
    switch chance(of: 24) {
    case 0...4: try await lease()
    case 5...6: try await begin()
    case 7...8: try await renew()
    case 9...13: try await settle()
    case 14: _ = draw(&held)
    case 15...17: try await push()
    case 18...19: try await finish()
    case 20: bench.time.advance(by: .milliseconds(Int64(chance(of: 20_000))))
    case 21: try await reap()
    case 22: try await reconcile()
    default: if chance(of: 10) == 0 { try await bench.changeEpoch() }
    }
  }

  /// Lets every process die at once, and then works in order until nothing is left.
  mutating func drain(rounds: Int = 50) async throws {
    (held, unpushed, unfinished) = ([], [], [])
    for _ in 0..<rounds {
      for queue: QueueName in [.standard, "joins"] {
        let leases = try await bench.lease(1000, from: queue)
        for lease in leases { try await checkLoad(lease) }
        try await bench.settle(leases, plan: plan)
      }
      bench.time.advance(by: .seconds(60))
      try await bench.reap()
      try await bench.reconcile()
    }
  }

  private mutating func lease() async throws {
    let queue: QueueName = chance(of: 3) == 0 ? "joins" : .standard
    for lease in try await bench.lease(1 + chance(of: 3), from: queue) {
      try await checkLoad(lease)
      held.append(lease)
    }
  }

  /// A job that has succeeded is not run again.
  private func checkLoad(_ lease: Lease) async throws {
    guard done.contains(lease.authority.job) else { return }
    try expect(try await bench.load(lease) == nil, "A job that had succeeded is not run again.")
  }

  private mutating func begin() async throws {
    guard let lease = draw(&held) else { return }
    if try await bench.begin(lease) == .kept { held.append(lease) }
  }

  private mutating func renew() async throws {
    guard let lease = draw(&held) else { return }
    if try await bench.queue.renew([lease]) == [.extended] { held.append(lease) }
  }

  private mutating func settle() async throws {
    guard let lease = draw(&held) else { return }
    let outcomes: [Outcome] = [.done, .done, .done, .released, .again(after: .seconds(chance(of: 5)))]
    let outcome = outcomes[chance(of: outcomes.count)]
    let result = try await bench.store.settle([bench.settlement(lease, outcome)], plan: plan)
    if case .succeeded = outcome, result.answers == [.settled] { done.insert(lease.authority.job) }
    switch chance(of: 4) {
    case 0:
      // The answer is lost, and asked for again.
      let again = try await bench.store.settle([bench.settlement(lease, outcome)], plan: plan)
      if result.answers == [.settled] {
        try expect(again.answers, is: [.settled], "What was settled is answered again.")
        try expect(again.handoff, is: nil, "What was settled makes nothing new.")
      }
    case 1:
      // The host is killed after the commit.
      return
    default: break
    }
    if let handoff = result.handoff { unpushed.append(handoff) }
    unfinished.append(lease.authority)
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

  private mutating func reap() async throws {
    let expired = try await bench.queue.expired(limit: 3)
    if let handoff = try await bench.store.reissue(expired.map(\.claim), because: .lost).handoff { unpushed.append(handoff) }
  }

  private mutating func reconcile() async throws {
    let due = try await bench.store.due(limit: 3)
    let jobs = due.flatMap(\.jobs)
    let unknown = zip(jobs, try await bench.queue.known(jobs)).filter { $0.1 == .unknown }.map(\.0)
    if let handoff = try await bench.store.reissue(unknown, because: .overdue).handoff { unpushed.append(handoff) }
    try await bench.store.arrived(due.map(\.id))
  }

  private func chance(of count: Int) -> Int {
    Int(bench.environment.random.next() % UInt64(count))
  }

  private func draw<Item>(_ items: inout [Item]) -> Item? {
    items.isEmpty ? nil : items.remove(at: chance(of: items.count))
  }
}
