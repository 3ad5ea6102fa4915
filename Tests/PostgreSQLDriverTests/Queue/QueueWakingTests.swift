import TestPostgres
import Testing
import WorkerKit
import WorkerKitTesting

@testable import PostgreSQLDriver

@Suite("Hosts that wait for a queue in PostgreSQL", .timeLimit(.minutes(5)))
struct QueueWakingTests {
  @Test("A push by another process wakes at once, without the clock")
  func wakesAtOnce() async throws {
    try await QueueDesk.with { desk in
      try await desk.beside { other in
        for number in 0..<20 {
          let job = JobID("job-\(number)")
          async let leases = desk.queue.lease(desk.request(wait: .seconds(600)))
          try await desk.time.waitForSleepers()
          try await desk.push([QueueEntry(job: job, fence: .first, queue: .standard)], to: other)
          #expect(try await leases.map(\.authority.job) == [job])
        }
      }
      #expect(desk.time.monotonic == .zero)
    }
  }

  @Test("Two who wait for two queues each get their own")
  func keepsQueuesApart() async throws {
    try await QueueDesk.with { desk in
      async let media = desk.queue.lease(desk.request(of: "media", wait: .seconds(600)))
      async let mail = desk.queue.lease(desk.request(of: "mail", wait: .seconds(600)))
      try await desk.time.waitForSleepers(2)
      try await desk.push(QueueDesk.entries(1, queue: "media") + QueueDesk.entries(1, queue: "mail"))
      #expect(try await media.count == 1)
      #expect(try await mail.count == 1)
      #expect(desk.time.monotonic == .zero)
    }
  }

  @Test("Whoever listens is heard of again after its connection was cut")
  func listensAgain() async throws {
    try await QueueDesk.with { desk in
      try await desk.beside { other in
        async let leases = desk.queue.lease(desk.request(wait: .seconds(600)))
        try await desk.time.waitForSleepers()
        let cut = """
          SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
          WHERE datname = current_database() AND query LIKE 'LISTEN%'
          """
        while try await desk.database.psql(cut) == "0" {}
        try await desk.push(QueueDesk.entries(1), to: other)
        #expect(try await leases.count == 1)
      }
      #expect(desk.time.monotonic == .zero)
    }
  }

  @Test("A slot that another process frees wakes who waits for it, and so do new controls")
  func wakesForSlots() async throws {
    try await QueueDesk.with { desk in
      try await desk.beside { other in
        try await desk.queue.project(QueueControls(version: 1, limits: ["slots": LimitRule(concurrency: 1)]))
        let lane = Lane(
          tenant: "acme", pipeline: "p", stage: "s", flow: JobFlow(limits: [LimitKey("slots", "key")]))
        try await desk.push(QueueDesk.entries(3, lane: lane))
        let held = try await desk.queue.lease(desk.request())
        #expect(held.count == 1)
        async let second = desk.queue.lease(desk.request(wait: .seconds(600)))
        try await desk.time.waitForSleepers()
        #expect(try await other.finish(held.map(\.authority)) == [.removed])
        #expect(try await second.count == 1)
        async let third = desk.queue.lease(desk.request(wait: .seconds(600)))
        try await desk.time.waitForSleepers()
        try await other.project(QueueControls(version: 2))
        #expect(try await third.count == 1)
      }
      #expect(desk.time.monotonic == .zero)
    }
  }
}
