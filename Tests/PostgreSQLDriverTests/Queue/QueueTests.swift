import TestPostgres
import Testing
import WorkerKit
import WorkerKitTesting

@testable import PostgreSQLDriver

@Suite("The queue in PostgreSQL", .timeLimit(.minutes(5)))
struct QueueTests {
  @Test("After a crash of the server it is empty and closed, and says so; after a new epoch it goes on")
  func forgetsInCrash() async throws {
    let server = try await PostgresServer.start()
    try await QueueDesk.with(server) { desk in
      try await desk.push(QueueDesk.entries(5))
      #expect(try await desk.queue.lease(desk.request(2)).count == 2)
      try await server.stop()
      try await server.start()
      try await desk.pool.writeOnceReachable { _ = try $0.rows("SELECT 1") }
      #expect(try await desk.queue.isOpen(in: .first) == false)
      #expect(try await desk.push(QueueDesk.entries(1)) == [.refused])
      let error = await #expect(throws: DriverError.self) { _ = try await desk.queue.lease(desk.request()) }
      #expect(error?.code == "postgres_queue_not_open")
      #expect(error?.isTransient == true)
      try await desk.queue.open(.first.raised)
      #expect(try await desk.queue.depths().isEmpty)
      #expect(try await desk.queue.isOpen(in: .first.raised))
    }
  }

  @Test("It writes next to nothing to the server's log")
  func isNotLogged() async throws {
    let server = try await PostgresServer.start(settings: ["autovacuum": "off"])
    try await QueueDesk.with(server) { desk in
      let position = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"
      let before = try #require(Int(try await desk.database.psql(position)))
      for queue: QueueName in ["a", "b", "c", "d"] {
        try await desk.push(QueueDesk.entries(500, queue: queue))
        let leases = try await desk.queue.lease(desk.request(500, of: queue))
        #expect(leases.count == 500)
        #expect(try await desk.queue.renew(leases).allSatisfy { $0 == .extended })
        #expect(try await desk.queue.finish(leases.map(\.authority)).allSatisfy { $0 == .removed })
      }
      let written = try #require(Int(try await desk.database.psql(position))) - before
      #expect(written / 2000 < 20, "\(written) bytes for 2,000 jobs")
    }
  }

  @Test("By the server's clock: a delay, a lease that runs out, and a push that comes too late")
  func goesByServer() async throws {
    try await QueueDesk.with { desk in
      let later = QueueEntry(job: "later", fence: .first, queue: .standard, delay: .seconds(3600))
      #expect(try await desk.push([later] + QueueDesk.entries(1)) == [.pushed, .pushed])
      let request = LeaseRequest(queue: .standard, limit: 9, length: .zero, host: "host", wait: .zero)
      let leases = try await desk.queue.lease(request)
      #expect(leases.count == 1)
      #expect(try await desk.queue.expired(limit: 9) == leases.map(\.authority))
      let handoff = Handoff(
        id: 1, epoch: .first, notAfter: desk.time.now + .milliseconds(-1), entries: QueueDesk.entries(2))
      #expect(try await desk.queue.push(handoff) == [.refused, .refused])
    }
  }

  @Test("A grant that was decided and a slot that was freed at the same time lose no wake, and no count goes wrong")
  func countsUnderContention() async throws {
    try await QueueDesk.with { desk in
      let controls = QueueControls(version: 1, limits: ["slots": LimitRule(concurrency: 3)])
      try await desk.queue.project(controls)
      for number in 0..<5 {
        let flow = JobFlow(limits: [LimitKey("slots", "key-\(number)")])
        let lane = Lane(tenant: TenantID("t\(number)"), pipeline: "p", stage: "s", flow: flow)
        try await desk.push(QueueDesk.entries(60, lane: lane))
      }
      let done = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<6 {
          group.addTask {
            var done = 0
            while try await desk.count("queue_entries") > 0 {
              let leases = try await desk.queue.lease(desk.request(4))
              done += try await desk.queue.finish(leases.map(\.authority)).count { $0 == .removed }
            }
            return done
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(done == 300)
      let counts = "SELECT coalesce(sum(under_way), 0) FROM millrace.queue_limits"
      #expect(try await desk.database.psql(counts) == "0")
    }
  }

  @Test("Keys and tenants that have come to rest leave nothing behind")
  func forgetsKeys() async throws {
    try await QueueDesk.with(isTimed: true) { desk in
      let rule = LimitRule(rate: Rate(100, per: .seconds(1)), concurrency: 1)
      try await desk.queue.project(QueueControls(version: 1, limits: ["each": rule]))
      let entries = (0..<500).map { number in
        let flow = JobFlow(limits: [LimitKey("each", "key-\(number)")])
        let lane = Lane(tenant: TenantID("t\(number)"), pipeline: "p", stage: "s", flow: flow)
        return QueueEntry(job: JobID("job-\(number)"), fence: .first, queue: .standard, lane: lane)
      }
      try await desk.push(entries)
      let leases = try await desk.queue.lease(desk.request(500))
      #expect(leases.count == 500)
      #expect(try await desk.count("queue_limits") == 500)
      _ = try await desk.queue.finish(leases.map(\.authority))
      for _ in 0..<3 {
        desk.time.advance(by: .seconds(11))
        #expect(try await desk.queue.lease(desk.request(500)).isEmpty)
      }
      for table in ["queue_entries", "queue_lanes", "queue_limits"] {
        #expect(try await desk.count(table) == 0, "\(table)")
      }
      // Whoever was served last is ahead of nobody, but for the cost of that one turn.
      #expect(try await desk.count("queue_turns") <= 500)
    }
  }
}
