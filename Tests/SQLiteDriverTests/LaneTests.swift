import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Lanes of a queue in a file", .timeLimit(.minutes(5)))
struct LaneTests {
  @Test("Of tenants, lanes, slots and buckets that nobody uses any more no row is left")
  func leavesNothing() async throws {
    try await LaneFile.open { file async throws in
      let controls = QueueControls(
        version: 1, limits: ["slots": LimitRule(concurrency: 1), "rate": LimitRule(rate: Rate(10, per: .seconds(1)))])
      try await file.embedded.queue.project(controls)
      for number in 0..<50 {
        try await file.arrive(3, tenant: TenantID("tenant-\(number)"))
        try await file.arrive(2, .limited("slots", "key-\(number)"))
        try await file.arrive(2, .limited("rate", "key-\(number)"))
      }
      var done = 0
      while done < 350 {
        let leases = try await file.lease(40)
        try await file.settle(leases)
        done += leases.count
        if leases.isEmpty { file.time.advance(by: .milliseconds(50)) }
      }
      #expect(try await !file.rows().isEmpty)
      file.time.advance(by: .seconds(2))
      #expect(try await file.lease(9).isEmpty)
      #expect(try await file.rows() == [:])
    }
  }

  @Test("Tenants that come once each do not pile up while others keep the queue busy")
  func forgetsWhoCameOnce() async throws {
    try await LaneFile.open { file async throws in
      try await file.arrive(400, tenant: "busy")
      for number in 0..<200 {
        try await file.arrive(tenant: TenantID("once-\(number)"))
        _ = try await file.lease(2)
        file.time.advance(by: .milliseconds(20))
      }
      let rows = try await file.rows()
      #expect(rows["lanes", default: 0] < 100 && rows["fair keys", default: 0] < 100, "\(rows)")
    }
  }

  @Test("Ten jobs that come one by one to one lane change nothing of lanes after the first")
  func keepsTheLane() async throws {
    try await LaneFile.open { file async throws in
      try await file.arrive()
      _ = try await file.lease(1)
      let lanes = try await laneRows(file)
      for _ in 0..<10 {
        try await file.arrive()
        #expect(try await file.lease(1).count == 1)
      }
      #expect(try await laneRows(file) == lanes)
    }
  }

  private func laneRows(_ file: LaneFile) async throws -> [[SQLiteValue]] {
    try await file.embedded.database.read { transaction in
      try transaction.rows("SELECT * FROM lanes JOIN fair_keys ON fair_keys.id = fair_key")
    }
  }

  @Test("Lanes of one fair key take turns among themselves")
  func stagesTakeTurns() async throws {
    try await LaneFile.open { file async throws in
      let first = Set(try await file.arrive(10, stage: "first"))
      try await file.arrive(10, stage: "second")
      let served = try await file.leaseSingly(10).count { first.contains($0) }
      #expect(served == 5)
    }
  }

  @Test("Weights count in large grants, however many jobs wait")
  func weighsLargeGrants() async throws {
    try await LaneFile.open { file async throws in
      let heavy = Set(try await file.arrive(300, JobFlow(fairKey: "heavy", weight: 3)))
      try await file.arrive(300, JobFlow(fairKey: "light"))
      var served = 0
      for _ in 0..<5 { served += try await file.lease(40).count { heavy.contains($0.authority.job) } }
      #expect((140...160).contains(served), "Of 200 about 150 are of the heavier; it was \(served).")
    }
  }

  @Test("Who waits for one slot takes turns, however many lanes one of them has")
  func sharesASlot() async throws {
    try await LaneFile.open { file async throws in
      try await file.embedded.queue.project(.slots(1))
      var wide: Set<JobID> = []
      for stage: StageName in ["a", "b", "c", "d"] {
        wide.formUnion(try await file.arrive(10, stage: stage, .limited("slots", "", by: "wide")))
      }
      try await file.arrive(40, .limited("slots", "", by: "narrow"))
      var served = 0
      for _ in 0..<20 {
        let leases = try await file.lease(9)
        #expect(leases.count == 1)
        served += leases.count { wide.contains($0.authority.job) }
        try await file.settle(leases)
      }
      #expect((8...12).contains(served), "Of twenty about ten are of each; of the wide one it was \(served).")
    }
  }

  @Test("A cancelled job keeps its slot until its host has heard of it, or its lease has run out")
  func cancelledKeepsSlot() async throws {
    try await LaneFile.open { file async throws in
      try await file.embedded.queue.project(.slots(2))
      try await file.arrive(6, .limited("slots", "key"))
      let held = try await file.lease(9)
      let requests = held.map { CancelRequest(.job($0.authority.job), by: "ann", reason: "Not wanted.") }
      let cancelled = try await file.embedded.store.cancel(requests) { _ in RunPlan() }
      _ = try await file.embedded.queue.revoke(cancelled.jobs)
      #expect(try await file.lease(9).isEmpty)
      #expect(try await file.embedded.queue.renew([held[0]]) == [.lost])
      #expect(try await file.lease(9).count == 1)
      file.time.advance(by: .seconds(16))
      let expired = try await file.embedded.queue.expired(limit: 9)
      let answers = try await file.embedded.store.reissue(expired.map(\.claim), because: .lost).answers
      #expect(answers.contains(.ended))
      #expect(try await file.lease(9).count == 2)
    }
  }

  @Test("What a lease that waits is woken for by its own process: a freed slot, new controls, without the clock")
  func wakesAtOnce() async throws {
    try await LaneFile.open { file async throws in
      try await file.embedded.queue.project(.slots(1))
      try await file.arrive(3, .limited("slots", "key"))
      let held = try await file.lease(9)
      async let second = file.lease(9, wait: .seconds(60))
      try await file.time.waitForSleepers()
      try await file.settle(held)
      #expect(try await second.count == 1)
      async let third = file.lease(9, wait: .seconds(60))
      try await file.time.waitForSleepers()
      try await file.embedded.queue.project(.slots(2, version: 2))
      #expect(try await third.count == 1)
      #expect(file.time.monotonic == .milliseconds(1))
    }
  }

  @Test("A freed slot and controls of another process are seen within the waking time")
  func wakesForOthers() async throws {
    try await LaneFile.open { file async throws in
      let other = try file.other()
      try await file.embedded.queue.project(.slots(1))
      try await file.arrive(3, .limited("slots", "key"))
      let held = try await file.lease(9)
      async let second = file.lease(9, wait: .seconds(60))
      try await file.time.waitForSleepers()
      #expect(try await other.queue.finish(held.map(\.authority)) == [.removed])
      file.time.advance(by: SQLiteQueue.wakingTime)
      #expect(try await second.count == 1)
      async let third = file.lease(9, wait: .seconds(60))
      try await file.time.waitForSleepers()
      try await other.queue.project(.slots(2, version: 2))
      file.time.advance(by: SQLiteQueue.wakingTime)
      #expect(try await third.count == 1)
      await other.database.close()
    }
  }

  @Test("Two hosts of one process both know when a rate lets the next job start")
  func wakesTheOtherHost() async throws {
    try await LaneFile.open { file async throws in
      try await file.embedded.queue.project(.rate(Rate(10, per: .seconds(1), burst: 1)))
      async let waiting = file.lease(1, wait: .seconds(60))
      try await file.time.waitForSleepers()
      try await file.arrive(2, .limited("rate", "key"))
      #expect(try await waiting.count == 1)
      async let next = file.lease(1, wait: .seconds(60))
      try await file.time.waitForSleepers()
      file.time.advance(by: .milliseconds(100))
      #expect(try await next.count == 1)
    }
  }
}
