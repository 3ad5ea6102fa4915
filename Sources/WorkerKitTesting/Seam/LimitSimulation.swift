internal import WorkerKit

/// Hosts that take jobs under limits, and settle, retry or lose them, while limits and pauses change; it looks at every
/// grant whether it was allowed.
struct LimitSimulation {
  private let bench: SeamBench
  private var controls = QueueControls()
  private var held: [(lease: Lease, limits: [LimitKey])] = []
  private var limitsOf: [JobID: [LimitKey]] = [:]
  private var waiting: Set<JobID> = []
  /// When jobs of a key were granted since its rate was last changed.
  private var starts: [LimitKey: [Duration]] = [:]

  private static let names: [LimitName] = ["one", "two"]

  init(_ bench: SeamBench) { self.bench = bench }

  mutating func step() async throws {
    switch chance(of: 20) {
    case 0...5: try await arrive()
    case 6...11: try await lease(1 + chance(of: 6))
    case 12...15: try await settle()
    case 16: try await lose()
    case 17: bench.time.advance(by: .milliseconds(Int64(chance(of: 400))))
    case 18: try await change()
    default: try await renewEpoch()
    }
  }

  /// Takes all limits and pauses away, and works until nothing is left.
  mutating func drain() async throws {
    controls = QueueControls(version: controls.version + 1)
    try await bench.queue.project(controls)
    for _ in 0..<20 {
      bench.time.advance(by: .seconds(20))
      try await bench.reap()
      held = []
      let leases = try await bench.lease(1000)
      try await bench.settle(leases)
      waiting.subtract(leases.map(\.authority.job))
    }
    try expect(waiting, is: [], "Whatever was held back is granted in the end.")
  }

  private mutating func arrive() async throws {
    let limits = Self.names.filter { _ in chance(of: 3) > 0 }.map { LimitKey($0, "key-\(chance(of: 3))") }
    let job = try await bench.arrive(
      JobOrdering(flow: JobFlow(fairKey: "fair-\(chance(of: 3))", weight: 1 + chance(of: 3), limits: limits)),
      priority: Priority.allCases[chance(of: 3)])
    limitsOf[job] = limits
    waiting.insert(job)
  }

  private mutating func lease(_ count: Int) async throws {
    for lease in try await bench.lease(count) {
      let limits = limitsOf[lease.authority.job] ?? []
      try expect(!controls.isPaused(.standard), "Nothing of a paused queue is granted.")
      for key in limits { starts[key, default: []].append(bench.time.monotonic) }
      held.append((lease, limits))
      for key in limits {
        guard let most = controls.limits[key.limit]?.concurrency else { continue }
        try expect(held.count { $0.limits.contains(key) } <= most, "No more are under way than the limit says.")
      }
    }
    for name in Self.names {
      for number in 0..<3 { try check(LimitKey(name, "key-\(number)")) }
    }
  }

  private func check(_ key: LimitKey) throws {
    guard let rule = controls.limits[key.limit] else { return }
    if let rate = rule.rate, let times = starts[key] {
      for (index, start) in times.enumerated() {
        let within = (times[index...].last ?? start) - start
        let allowed = Int64(rate.burst) + within.microseconds / rate.interval
        try expect(Int64(times.count - index) <= allowed, "No more start in a time than the rate says.")
      }
    }
  }

  private mutating func settle() async throws {
    guard let attempt = draw() else { return }
    if chance(of: 3) == 0 {
      try await bench.settle([attempt], .again(after: .milliseconds(Int64(chance(of: 300)))))
    } else if try await bench.settle([attempt]) == [.settled] {
      waiting.remove(attempt.authority.job)
    }
  }

  private mutating func lose() async throws {
    bench.time.advance(by: .seconds(16))
    try await bench.reap()
    held = []
  }

  private mutating func change() async throws {
    controls.version += 1
    let name = Self.names[chance(of: 2)]
    let rate = chance(of: 2) == 0 ? nil : Rate(1 + chance(of: 20), per: .seconds(1), burst: 1 + chance(of: 3))
    controls.limits[name] = LimitRule(rate: rate, concurrency: chance(of: 2) == 0 ? nil : 1 + chance(of: 3))
    controls.paused = chance(of: 6) == 0 ? [.queue(.standard)] : []
    starts = [:]
    try await bench.queue.project(controls)
  }

  private mutating func renewEpoch() async throws {
    guard chance(of: 10) == 0 else { return }
    try await bench.changeEpoch(page: 7, under: controls)
    (held, starts) = ([], [:])
  }

  private mutating func draw() -> Lease? {
    held.isEmpty ? nil : held.remove(at: chance(of: held.count)).lease
  }

  private func chance(of count: Int) -> Int { Int(bench.environment.random.next() % UInt64(count)) }
}
