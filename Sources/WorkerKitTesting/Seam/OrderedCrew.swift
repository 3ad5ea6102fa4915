internal import WorkerKit

/// Hosts and dispatchers of jobs that something orders. They take their steps in random order, and may die after any
/// of them; what they held is then lost, and found again by time alone.
struct OrderedCrew {
  /// A job on a host.
  struct Attempt {
    let lease: Lease
    let job: Job
    /// Until then, on the monotonic clock, nobody may take the job away.
    let safeUntil: Duration
  }

  /// What a step came to, as far as order is concerned.
  enum Happening {
    /// A host has begun to work on a job.
    case granted(Job)
    /// The attempt has written what it does, by its authority.
    case wrote(Job)
    /// An attempt's outcome is kept.
    case settled(Job, Outcome)
    /// A dead letter lives again.
    case replayed(JobID)
    /// A dead letter is out of date.
    case outdated(JobID)
  }

  let bench: SeamBench
  let route: RoutePlanner
  let next: SettlePlanner
  /// Jobs that verbs said to have ended without an attempt, with how often they said so.
  private(set) var told: [JobID: Int] = [:]
  /// Jobs that were made dead letters, and not yet replayed.
  private(set) var dead: [JobID] = []
  /// Whoever has begun to work, and may write unless the store knows better; by what orders the job.
  private var atWork: [String: [Lease]] = [:]
  private var held: [Attempt] = []
  private var unpushed: [Handoff] = []
  private var pushed: [Handoff] = []
  private var unfinished: [Authority] = []
  private var expired: [Authority] = []
  private var unknown: [FencedJob] = []
  /// Jobs that a person has ended, whose hosts do not know it yet.
  private var unwanted: Set<JobID> = []

  init(_ bench: SeamBench, route: @escaping RoutePlanner, next: @escaping SettlePlanner) {
    self.bench = bench
    self.route = route
    self.next = next
  }

  /// Does one thing that a process might do next. Time stands still.
  mutating func step() async throws -> [Happening] {
    switch chance(of: 34) {
    case 0...6: return try await lease()
    case 7...10: return try await write()
    case 11...12: try await renew()
    case 13...18: return try await settle()
    case 19: _ = draw(&held)
    case 20...23: try await push()
    case 24: try await pushAgain()
    case 25...26: try await finish()
    case 27: expired = try await bench.queue.expired(limit: 50)
    case 28...29: try await reissueLost()
    case 30: try await askQueue()
    case 31: try await reissueUnknown()
    case 32: return try await replay(limit: 3)
    default: try await misfortune()
    }
    return []
  }

  /// What happens seldom: a whole process dies, or the queue is emptied.
  private mutating func misfortune() async throws {
    switch chance(of: 8) {
    case 0: held = []
    case 1: (unpushed, unfinished) = ([], [])
    case 2: try await changeEpoch()
    default: return
    }
  }

  private mutating func changeEpoch() async throws {
    try await bench.changeEpoch(page: 50)
    (expired, unknown) = ([], [])
  }

  /// Routes what waits with two dispatchers at once, while hosts settle.
  mutating func routeAtOnce() async throws -> [Happening] {
    let (store, settling) = (bench.store, drawSome(&held, 3))
    let settlements = settling.map { bench.settlement($0.lease, outcome()) }
    let safe = try await safe(settling)
    async let first = store.route(limit: 200, plan: route, next: next)
    async let second = store.route(limit: 20, plan: route, next: next)
    async let settled = store.settle(settlements, plan: next)
    for result in [try await first, try await second] { keep(result.handoff, result.ended) }
    let happenings = try conclude(settling, settlements, try await settled, safe)
    try await routeAll()
    return happenings
  }

  /// Routes what waits until nothing does.
  mutating func routeAll() async throws {
    while true {
      let result = try await bench.store.route(limit: 200, plan: route, next: next)
      try expect(result.failed, is: [], "Every event can be planned.")
      guard result.routed > 0 else { return }
      keep(result.handoff, result.ended)
    }
  }

  /// Ends what a person names.
  mutating func cancel(_ target: CancelRequest.Target) async throws {
    let result = try await bench.store.cancel(
      [CancelRequest(target, by: "ann", reason: "Not wanted any more.")], next: next)
    keep(result.handoff, result.ended)
    unwanted.formUnion(result.jobs.map(\.job))
    if chance(of: 2) == 0 { _ = try await bench.queue.revoke(result.jobs) }
  }

  /// Replays dead letters.
  mutating func replay(limit: Int) async throws -> [Happening] {
    var requests: [ReplayRequest] = []
    for job in drawSome(&dead, limit) {
      requests.append(bench.click(on: job, under: try await bench.standing(of: job).fence))
    }
    guard !requests.isEmpty else { return [] }
    let result = try await bench.store.replay(requests, next: next)
    keep(result.handoff, result.ended)
    return try zip(requests, result.answers).map { request, answer in
      switch answer {
      case .replayed: return .replayed(request.job)
      case .superseded: return .outdated(request.job)
      case .changed, .missing, .notDead:
        throw CheckFailure("A dead letter that nobody touched is replayed. Found \(answer).")
      }
    }
  }

  /// Lets every process die at once.
  mutating func die() { (held, unpushed, unfinished, expired, unknown) = ([], [], [], [], []) }

  /// Works in order on all that can be worked on, replays what is dead, and lets time pass.
  /// - Returns: What happened, and true once nothing is left.
  mutating func workInOrder() async throws -> (happenings: [Happening], isOver: Bool) {
    var happenings = try await replay(limit: 100)
    try await deliverAll()
    happenings += try await lease(limit: 1000)
    let attempts = held
    held = []
    happenings += try await settle(attempts, as: attempts.map { _ in .done })
    try await deliverAll()
    try await finish()
    let live = try await liveJobs()
    let isOver = dead.isEmpty && live.isEmpty
    bench.time.advance(by: .seconds(isOver ? 60 : 5))
    try await bench.reap()
    try await bench.reconcile()
    return (happenings, isOver)
  }

  private mutating func deliverAll() async throws {
    let handoffs = unpushed
    unpushed = []
    for handoff in handoffs { try await bench.deliver(handoff) }
  }

  /// Some of the jobs that have not ended.
  func liveJobs() async throws -> [JobID] {
    var filter = JobFilter(states: [.pending, .queued, .running], limit: 100)
    while true {
      let page = try await bench.store.find(filter)
      guard page.jobs.isEmpty, let next = page.next else { return page.jobs.map(\.id) }
      filter.before = next
    }
  }

  func chance(of count: Int) -> Int { Int(bench.environment.random.next() % UInt64(count)) }

  func draw<Item>(_ items: inout [Item]) -> Item? {
    items.isEmpty ? nil : items.remove(at: chance(of: items.count))
  }

  private func drawSome<Item>(_ items: inout [Item], _ limit: Int) -> [Item] {
    (0..<(1 + chance(of: limit))).compactMap { _ in draw(&items) }
  }
}

/// What hosts do, and what they may rely on.
extension OrderedCrew {
  private mutating func lease(limit: Int? = nil) async throws -> [Happening] {
    let leases = try await bench.lease(limit ?? 1 + chance(of: 20))
    let answers = try await bench.store.load(leases)
    var (happenings, early) = ([Happening](), [FencedJob]())
    for (lease, answer) in zip(leases, answers) {
      switch answer {
      case .job(let job):
        try await checkAlone(lease, job)
        held.append(Attempt(lease: lease, job: job, safeUntil: bench.time.monotonic + lease.length))
        happenings.append(.granted(job))
      case .gone: unfinished.append(lease.authority)
      case .notDue: early.append(FencedJob(job: lease.authority.job, fence: lease.authority.fence))
      }
    }
    if !early.isEmpty {
      if let handoff = try await bench.store.reissue(early, because: .overdue).handoff { unpushed.append(handoff) }
    }
    return happenings
  }

  /// Whoever began to work for the same key before cannot write any more, dead or alive.
  private mutating func checkAlone(_ lease: Lease, _ job: Job) async throws {
    let place = job.orderingPlace
    let others = atWork[place, default: []]
    let answers = others.isEmpty ? [] : try await bench.store.load(others)
    var working: [Lease] = []
    for (other, answer) in zip(others, answers) {
      if case .gone = answer { continue }
      working.append(other)
    }
    try expect(working.map(\.authority.job), is: [], "Never two at once: job \(job.id) of \(place) has company.")
    atWork[place] = working + [lease]
  }

  private mutating func write() async throws -> [Happening] {
    guard let attempt = draw(&held) else { return [] }
    let isSafe = try await safe([attempt])[0]
    let answer = try await bench.begin(attempt.lease)
    if isSafe { try expect(answer, is: .kept, "Who holds a lease may begin.") }
    guard answer == .kept else { return [] }
    held.append(attempt)
    return [.wrote(attempt.job)]
  }

  private mutating func renew() async throws {
    guard let attempt = draw(&held) else { return }
    let isSafe = try await safe([attempt])[0]
    let answer = try await bench.queue.renew([attempt.lease])
    guard answer == [.extended] else {
      return try expect(!isSafe, "Who holds a lease may renew it.")
    }
    let until = isSafe ? bench.time.monotonic + attempt.lease.length : attempt.safeUntil
    held.append(Attempt(lease: attempt.lease, job: attempt.job, safeUntil: until))
  }

  private mutating func settle() async throws -> [Happening] {
    let attempts = drawSome(&held, 8)
    return try await settle(attempts, as: attempts.map { _ in outcome() })
  }

  private mutating func settle(_ attempts: [Attempt], as outcomes: [Outcome]) async throws -> [Happening] {
    guard !attempts.isEmpty else { return [] }
    let settlements = zip(attempts, outcomes).map { bench.settlement($0.lease, $1) }
    let safe = try await safe(attempts)
    return try conclude(attempts, settlements, try await bench.store.settle(settlements, plan: next), safe)
  }

  private mutating func conclude(
    _ attempts: [Attempt], _ settlements: [Settlement], _ result: SettleResult, _ safe: [Bool]
  ) throws -> [Happening] {
    keep(result.handoff, result.ended)
    var happenings: [Happening] = []
    for (index, answer) in result.answers.enumerated() {
      let (attempt, outcome) = (attempts[index], settlements[index].outcome)
      if safe[index] { try expect(answer, is: .settled, "Who holds a lease may settle job \(attempt.job.id).") }
      unfinished.append(attempt.lease.authority)
      guard answer == .settled else { continue }
      happenings.append(.settled(attempt.job, outcome))
      if case .failed = outcome { dead.append(attempt.job.id) }
    }
    return happenings
  }

  private func outcome() -> Outcome {
    switch chance(of: 12) {
    case 0...7: .done
    case 8...9: .again(after: .milliseconds(Int64(chance(of: 3000))))
    case 10: .released
    default: .broken
    }
  }

  private func safe(_ attempts: [Attempt]) async throws -> [Bool] {
    let epoch = try await bench.store.epoch()
    return attempts.map { attempt in
      attempt.lease.authority.epoch == epoch && bench.time.monotonic < attempt.safeUntil
        && !unwanted.contains(attempt.job.id)
    }
  }
}

/// What dispatchers do.
extension OrderedCrew {
  private mutating func keep(_ handoff: Handoff?, _ ended: [Job]) {
    if let handoff { unpushed.append(handoff) }
    for job in ended { told[job.id, default: 0] += 1 }
  }

  private mutating func push() async throws {
    for handoff in drawSome(&unpushed, 4) {
      switch chance(of: 8) {
      case 0: continue
      case 1: _ = try await bench.queue.push(handoff)
      default: try await bench.deliver(handoff)
      }
      pushed.append(handoff)
    }
  }

  /// Pushes what was pushed before: somebody does not know it.
  private mutating func pushAgain() async throws {
    if pushed.count > 20 { pushed.removeFirst(pushed.count - 20) }
    if let handoff = draw(&pushed) { _ = try await bench.queue.push(handoff) }
  }

  private mutating func finish() async throws {
    _ = try await bench.queue.finish(unfinished)
    unfinished = []
  }

  private mutating func reissueLost() async throws {
    let authorities = expired
    expired = []
    guard !authorities.isEmpty else { return }
    let result = try await bench.store.reissue(authorities.map(\.claim), because: .lost)
    keep(result.handoff, [])
    unfinished += zip(authorities, result.answers).filter { $0.1 != .raised }.map(\.0)
  }

  private mutating func askQueue() async throws {
    let jobs = try await bench.store.due(limit: 20).flatMap(\.jobs)
    unknown = zip(jobs, try await bench.queue.known(jobs)).filter { $0.1 == .unknown }.map(\.0)
  }

  private mutating func reissueUnknown() async throws {
    let jobs = unknown
    unknown = []
    guard !jobs.isEmpty else { return }
    keep(try await bench.store.reissue(jobs, because: .overdue).handoff, [])
  }
}

extension Job {
  /// The line or the window that orders it, in words.
  var orderingPlace: String {
    "\(tenant)/\(stage)/\(ordering?.serial?.key ?? ordering?.window?.key ?? id.rawValue)"
  }
}
