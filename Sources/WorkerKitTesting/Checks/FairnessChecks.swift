internal import WorkerKit

extension SeamCheck {
  /// Whose job goes next, where several wait.
  static let fairness = [
    tenantsTakeTurns, turnsAreShared, manyInOneGrant, weightsCount, weightsCountForSlots, stagesShareTurns,
    nobodyIsOwed, prioritiesAge,
    refillKeepsLanes, stagesDoNotStarve,
  ]

  private static let tenantsTakeTurns = SeamCheck("a tenant with one job waits a turn, however many another has") {
    bench in
    try await bench.start(40, tenant: "busy")
    _ = try await bench.lease(5)
    let quiet = try await bench.start(tenant: "quiet").flatMap(\.jobs)
    let next = try await bench.leaseSingly(2)
    try expect(next.count { quiet.contains($0) }, is: 1, "Of the next two one is the quiet tenant's.")
  }

  private static let turnsAreShared = SeamCheck("tenants with as many jobs are served alike") { bench in
    var owners: [JobID: TenantID] = [:]
    for tenant: TenantID in ["one", "two", "three"] {
      for job in try await bench.start(12, tenant: tenant).flatMap(\.jobs) { owners[job] = tenant }
    }
    let first = try await bench.leaseSingly(18).compactMap { owners[$0] }
    try expect(
      Dictionary(grouping: first, by: \.self).mapValues(\.count), is: ["one": 6, "two": 6, "three": 6], "Alike.")
    let rest = try await bench.lease(18).compactMap { owners[$0.authority.job] }
    try expect(Dictionary(grouping: rest, by: \.self).mapValues(\.count), is: ["one": 6, "two": 6, "three": 6], "All.")
  }

  private static let manyInOneGrant = SeamCheck("what is granted together is of all who wait") { bench in
    try await bench.start(100, tenant: "busy")
    var quiet: [JobID] = []
    for number in 0..<9 { quiet += try await bench.start(tenant: TenantID("quiet-\(number)")).flatMap(\.jobs) }
    let granted = Set(try await bench.lease(30).map(\.authority.job))
    try expect(granted.count, is: 30, "As many are granted as asked for.")
    try expect(granted.isSuperset(of: quiet), "Everybody has a part of them.")
  }

  private static let weightsCount = SeamCheck("a fair key of weight 3 is served three times as often") { bench in
    var heavy: Set<JobID> = []
    for _ in 0..<24 {
      heavy.insert(try await bench.arrive(.flow(by: "heavy", weight: 3)))
      try await bench.arrive(.flow(by: "light"))
    }
    let served = try await bench.leaseSingly(24).count { heavy.contains($0) }
    try expect((17...19).contains(served), "Of 24 about 18 are of the heavier; it was \(served).")
  }

  private static let weightsCountForSlots = SeamCheck("weights count also where all wait for one slot") { bench in
    try await bench.queue.project(QueueControls(version: 1, limits: ["all": LimitRule(concurrency: 1)]))
    var heavy: Set<JobID> = []
    for _ in 0..<20 {
      heavy.insert(try await bench.arrive(.flow(by: "heavy", weight: 3, LimitKey("all", ""))))
      try await bench.arrive(.flow(by: "light", LimitKey("all", "")))
    }
    var served = 0
    for _ in 0..<16 {
      let leases = try await bench.lease(1)
      served += leases.count { heavy.contains($0.authority.job) }
      try await bench.settle(leases)
    }
    try expect((11...13).contains(served), "Of 16 about 12 are of the heavier; it was \(served).")
  }

  private static let stagesShareTurns = SeamCheck("a fair key has one turn, however many stages and tenants it has") {
    bench in
    var wide: Set<JobID> = []
    for number in 0..<6 {
      for stage: StageName in ["a", "b", "c"] {
        wide.insert(try await bench.arrive(.flow(by: "wide"), tenant: TenantID("t\(number % 2)"), stage: stage))
      }
      try await bench.arrive(.flow(by: "narrow"))
      try await bench.arrive(.flow(by: "narrow"))
    }
    let served = try await bench.leaseSingly(12).count { wide.contains($0) }
    try expect((5...7).contains(served), "Of twelve about six are of each; of the wide one it was \(served).")
  }

  private static let stagesDoNotStarve = SeamCheck("of a fair key's stages none waits for ever for another") { bench in
    for _ in 0..<10 { try await bench.arrive(JobOrdering(), stage: "a") }
    let others = [
      try await bench.arrive(JobOrdering(), stage: "b"), try await bench.arrive(JobOrdering(), stage: "0"),
    ]
    var served: [JobID] = []
    for _ in 0..<16 {
      try await bench.arrive(JobOrdering(), stage: "a")
      served += try await bench.leaseSingly(1)
    }
    try expect(served.count { others.contains($0) }, is: 2, "Each had its turn.")
  }

  private static let nobodyIsOwed = SeamCheck("who comes late is owed nothing for the time before") { bench in
    try await bench.start(60, tenant: "early")
    _ = try await bench.leaseSingly(30)
    let late = try await bench.start(20, tenant: "late").flatMap(\.jobs)
    let served = try await bench.leaseSingly(10).count { late.contains($0) }
    try expect((4...6).contains(served), "Of ten about five are of who came late; it was \(served).")
  }

  private static let prioritiesAge = SeamCheck("a lower priority is not passed over for ever") { bench in
    for _ in 0..<60 { try await bench.arrive(JobOrdering(), priority: .high) }
    let low = [
      try await bench.arrive(JobOrdering(), priority: .low), try await bench.arrive(JobOrdering(), priority: .low),
    ]
    var served = try await bench.leaseSingly(10)
    try expect(served.count { low.contains($0) }, is: 0, "Higher priorities go first.")
    served += try await bench.leaseSingly(10)
    try expect(served.count { low.contains($0) }, is: 1, "After sixteen of a higher one comes one of a lower.")
    served += try await bench.lease(20).map(\.authority.job)
    try expect(served.count { low.contains($0) }, is: 2, "So it goes on, also within one grant.")
  }

  private static let refillKeepsLanes = SeamCheck("turns are as before when a queue was filled again") { bench in
    for _ in 0..<10 { try await bench.arrive(.flow(by: "busy")) }
    let quiet = try await bench.arrive(.flow(by: "quiet"))
    try await bench.changeEpoch()
    try expect(try await bench.leaseSingly(2).contains(quiet), "The quiet one waits a turn.")
  }
}

extension SeamBench {
  /// Leases one job after the other; gives them in order.
  func leaseSingly(_ count: Int) async throws -> [JobID] {
    var jobs: [JobID] = []
    for _ in 0..<count { jobs += try await lease(1).map(\.authority.job) }
    return jobs
  }
}

extension JobOrdering {
  /// A job of a fair key, under limits.
  static func flow(by key: String? = nil, weight: Int = 1, _ limits: LimitKey...) -> JobOrdering {
    JobOrdering(flow: JobFlow(fairKey: key, weight: weight, limits: limits))
  }
}
