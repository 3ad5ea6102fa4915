import TestPostgres
import TestRedis
import Testing
import WorkerKit

@Suite("PostgreSQL goes, and comes back as it was or older, under load", .timeLimit(.minutes(5)), .serialized)
struct PostgresLossTests {
  @Test("Stopped as by a power cut, and sessions ended: nothing that was accepted is lost")
  func survivesStops() async throws {
    try await RecoveryWorld.with { world, _ in
      async let stream: Void = world.feed(200)
      for count in [30, 90] {
        try await world.untilCompleted(count)
        try await world.postgres.stop()
        try await world.postgres.start()
        try await world.untilCompleted(count + 30)
        try await world.postgres.psql(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '\(PostgresServer.role)'")
      }
      try await stream
    }
  }

  @Test("Put back to a copy of its files: what it still knows is done, once each: scenario 7")
  func survivesRestore() async throws {
    try await RecoveryWorld.with { world, redis in
      try await world.feed(80)
      try await world.postgres.stop("fast")
      try await world.postgres.keepCopy()
      try await world.postgres.start()
      try await world.feed(60)
      // A queue that is emptied before it was filled after the start would be filled in the same epoch.
      try await world.untilFilled()
      let old = try await world.node.leaseOne()
      // An epoch that the copy knows nothing of.
      var epoch = try await world.node.store.epoch()
      try await redis.command("FLUSHALL")
      try await world.untilEpoch(after: epoch)
      epoch = try await world.node.store.epoch()
      try await world.postgres.stop()
      try await world.postgres.restoreCopy()
      try await world.postgres.start()
      try await world.untilEpoch(after: epoch)
      #expect(try await world.node.settle(old) != .settled, "Nobody writes by what was lost.")
      // What was accepted after the copy is lost by nature.
      let events = try await world.node.store.events(EventFilter(limit: 1000)).events.map(\.envelope.id)
      #expect(events.count >= 80)
      world.accepted = events
      try await world.feed(40)
    }
  }
}
