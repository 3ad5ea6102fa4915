import TestPostgres
import Testing
import WorkerKit
import WorkerKitTesting

@testable import PostgreSQLDriver

@Suite("What only a store on a server has to keep", .timeLimit(.minutes(5)))
struct StoreTests {
  @Test("An event that is committed late is routed, though later ones were routed before: scenario 20")
  func routesLateCommitters() async throws {
    try await StoreDesk.with { desk in
      let (busy, late) = (ThreadGate(), desk.events(1))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await desk.pool.write { transaction in
            try desk.store.record(late, in: transaction)
            busy.hold()
          }
        }
        await busy.waitUntilHeld()
        for _ in 0..<5 {
          #expect(try await desk.start(10).count == 10)
          #expect(try await desk.start(0).isEmpty)
        }
        busy.open()
        try await group.waitForAll()
      }
      let result = try await desk.store.route(limit: 10, plan: desk.starting(), next: StoreDesk.ending)
      #expect(result.routed == 1)
      #expect(try await desk.store.events(id: late[0].id, tenant: nil).first?.routedAt != nil)
    }
  }

  @Test("An event of the newest transaction is routed once that is committed, though it was looked for: scenario 20")
  func routesTheNewestTransaction() async throws {
    try await StoreDesk.with { desk in
      let (busy, late) = (ThreadGate(), desk.events(1))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await desk.pool.write { transaction in
            try desk.store.record(late, in: transaction)
            busy.hold()
          }
        }
        await busy.waitUntilHeld()
        #expect(try await desk.start(0).isEmpty)
        busy.open()
        try await group.waitForAll()
      }
      let result = try await desk.store.route(limit: 10, plan: desk.starting(), next: StoreDesk.ending)
      #expect(result.routed == 1)
    }
  }

  @Test("Under a long transaction the marks of what was routed are not read again: scenario 20")
  func stepsOverTheDead() async throws {
    try await StoreDesk.with { desk in
      let (busy, old) = (ThreadGate(), 2000)
      let marks = "SELECT idx_tup_read FROM pg_stat_all_indexes WHERE indexrelname = 'unrouted_pkey'"
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await desk.pool.write { transaction in
            try transaction.run("SELECT pg_current_xact_id()")
            busy.hold()
          }
        }
        await busy.waitUntilHeld()
        for _ in 0..<4 { #expect(try await desk.start(old / 4).count == old / 4) }
        let before = try await desk.counted(marks)
        for _ in 0..<20 { #expect(try await desk.start(1).count == 1) }
        #expect(try await desk.counted(marks) - before < old)
        busy.open()
        try await group.waitForAll()
      }
    }
  }

  @Test("Batches that touch the same runs in opposite orders meet no deadlock: scenario 8")
  func meetsNoDeadlock() async throws {
    try await StoreDesk.with { desk in
      let entries = try await desk.start(60, stages: ["a", "b"])
      let alone = try await desk.start(60)
      let firsts = entries.map(\.job).filter { $0.rawValue.hasSuffix("-a") }
      let seconds = entries.map(\.job).filter { $0.rawValue.hasSuffix("-b") }
      let halves = [
        firsts + alone.prefix(30).map(\.job), (seconds + alone.suffix(30).map(\.job)).reversed(),
      ]
      let answers = try await withThrowingTaskGroup(of: [SettleAnswer].self) { group in
        for half in halves {
          for part in 0..<3 {
            let batch = half.enumerated().filter { $0.offset % 3 == part }.map { desk.success($0.element) }
            group.addTask { try await desk.store.settle(batch, plan: StoreDesk.ending).answers }
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(answers.count == 180 && answers.allSatisfy { $0 == .settled })
      let deadlocks = try await desk.database.psql(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
      #expect(deadlocks == "0")
      #expect(try await desk.store.runs(RunFilter(state: .running, limit: 1000)).isEmpty)
    }
  }

  @Test("A database that turns out to be another begins the next epoch, once: scenario 7")
  func bindsEpoch() async throws {
    try await StoreDesk.with { desk in
      #expect(try await desk.store.epoch() == .first)
      #expect(try await desk.store.epoch() == .first)
      let job = try await desk.start(1)[0].job
      try await desk.pool.write { _ = try $0.run("UPDATE origin SET name = 'another/00000001'") }
      let next = try await desk.store.epoch()
      #expect(next > .first.raised, "No epoch that may have been lost has this number.")
      #expect(try await desk.store.epoch() == next)
      #expect(try await desk.store.isFilled() == false)
      let answers = try await desk.store.settle([desk.success(job)], plan: StoreDesk.ending).answers
      #expect(answers == [.stale], "A lease of the old epoch settles nothing.")
    }
  }

  @Test("Partitions are made before they are needed, and work goes on over their bounds: scenario 12")
  func makesPartitions() async throws {
    try await StoreDesk.with { desk in
      try await desk.skip(to: PostgresPartitions.shortest / 2)
      _ = try await desk.start(1)
      try await desk.skip(to: PostgresPartitions.shortest - 3)
      let jobs = try await desk.start(5).map(\.job)
      #expect(jobs.count == 5)
      let answers = try await desk.store.settle(jobs.map { desk.success($0) }, plan: StoreDesk.ending).answers
      #expect(answers == Array(repeating: .settled, count: 5))
      for job in jobs { #expect(try await desk.store.job(job)?.standing.state == .succeeded) }
      #expect(try await desk.store.jobs(JobFilter(states: [.succeeded])).map(\.id) == jobs.reversed())
      let counts = try await desk.database.psql(
        "SELECT count(*) FROM millrace.jobs GROUP BY tableoid ORDER BY tableoid")
      #expect(counts == "2\n3")
    }
  }

  @Test("A partition in which all is over gives up its finished runs at once, and keeps dead letters: scenario 13")
  func clearsPartitions() async throws {
    try await StoreDesk.with { desk in
      try await desk.skip(to: PostgresPartitions.shortest / 2)
      let jobs = try await desk.start(5).map(\.job)
      let broken = Failure(.permanent, "broken", "It is broken.")
      let dead = Settlement(
        authority: desk.success(jobs[4]).authority, outcome: .failed(broken), host: "host", startedAt: nil)
      let settlements = jobs.prefix(4).map { desk.success($0) } + [dead]
      _ = try await desk.store.settle(settlements) { run in
        RunPlan(state: run.stages["work"]?.state == .failed ? .failed : .succeeded)
      }
      try await desk.skip(to: PostgresPartitions.shortest + 10)
      let later = try await desk.start(1)[0].job
      let policy = RetentionPolicy()
      #expect(try await desk.store.prune(policy, limit: 10) == Pruned(), "The first look says that it is quiet.")
      desk.time.advance(by: policy.finishedRuns)
      #expect(try await desk.store.prune(policy, limit: 10) == Pruned())
      #expect(try await desk.store.job(jobs[0]) != nil)
      desk.time.advance(by: .seconds(1))
      _ = try await desk.store.prune(policy, limit: 10)
      for job in jobs.prefix(4) { #expect(try await desk.store.job(job) == nil) }
      #expect(try await desk.store.job(later)?.standing.state == .queued)
      #expect(try await desk.store.job(jobs[4])?.failure == broken)
      #expect(try await desk.store.attempts(of: jobs[4]).map(\.outcome) == ["failed"])
      let replay = ReplayRequest(job: jobs[4], fence: .first, by: "ann", reason: "It is mended.")
      #expect(try await desk.store.replay([replay], next: { _ in RunPlan(state: .running) }).answers == [.replayed])
    }
  }

  @Test("An output may hold any byte: scenario 14")
  func keepsBytes() async throws {
    try await StoreDesk.with { desk in
      let job = try await desk.start(1)[0].job
      let output = Array(#"{"text":"a\u0000b"}"#.utf8) + [0, 255]
      let success = Settlement(
        authority: desk.success(job).authority, outcome: .succeeded(output: output, artifacts: []), host: "host",
        startedAt: nil)
      #expect(try await desk.store.settle([success], plan: StoreDesk.ending).answers == [.settled])
      #expect(try await desk.store.job(job)?.output == output)
    }
  }
}
