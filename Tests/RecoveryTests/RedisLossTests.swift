import Foundation
import TestRedis
import Testing
import WorkerKit

@Suite("Redis loses what it knew, under load", .timeLimit(.minutes(5)), .serialized)
struct RedisLossTests {
  @Test("Flushed again and again: scenarios 2 and 3")
  func survivesFlushes() async throws {
    try await RecoveryWorld.with { world, redis in
      async let stream: Void = world.feed(200)
      for count in [30, 80, 130] {
        try await world.untilCompleted(count)
        let old = try await world.node.leaseOne()
        try await redis.command("FLUSHALL")
        try await world.untilEpoch(after: old.authority.epoch)
        #expect(try await world.node.settle(old) != .settled, "What was held in the old epoch ends nothing.")
        #expect(try await world.node.queue.renew([old]) == [.lost])
      }
      try await stream
    }
  }

  @Test("Killed and started again, empty and from an old copy: scenario 2")
  func survivesRestarts() async throws {
    try await RecoveryWorld.with { world, redis in
      async let stream: Void = world.feed(200)
      try await world.untilCompleted(30)
      var epoch = try await world.node.store.epoch()
      redis.kill()
      let empty = try await RedisServer.start(replacing: redis)
      try await world.untilEpoch(after: epoch)
      try await empty.command("SAVE")
      try await world.untilCompleted(world.effects.completed + 50)
      epoch = try await world.node.store.epoch()
      empty.kill()
      let old = try await RedisServer.start(replacing: empty)
      #expect(try await old.command("DBSIZE") != "0", "It has its old copy.")
      try await world.untilEpoch(after: epoch)
      try await stream
      try await world.untilAllEnded()
      old.kill()
    }
  }

  @Test("A replica takes over that has long heard nothing: scenario 2")
  func survivesPromotion() async throws {
    try await RecoveryWorld.with { world, redis in
      async let stream: Void = world.feed(200)
      try await world.untilCompleted(20)
      let replica = try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
      try await redis.command("CONFIG", "SET", "repl-diskless-sync-delay", "0")
      try await replica.command("REPLICAOF", "127.0.0.1", "\(redis.port)")
      try await world.until("the replica follows") {
        try await replica.command("INFO", "replication").contains("master_link_status:up")
      }
      // Its link breaks, and nobody notices.
      try await replica.command("REPLICAOF", "127.0.0.1", "1")
      try await world.untilCompleted(world.effects.completed + 50)
      let epoch = try await world.node.store.epoch()
      redis.kill()
      try await replica.command("REPLICAOF", "NO", "ONE")
      try world.point(to: replica)
      try await world.untilEpoch(after: epoch)
      try await stream
      try await world.untilAllEnded()
      replica.kill()
    }
  }
}
