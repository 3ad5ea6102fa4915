import RedisDriver
import TestRedis
import Testing
import WorkerKit

@Suite("Another Redis server becomes the master, under load", .timeLimit(.minutes(5)), .serialized)
struct RedisPromotionTests {
  @Test("Sentinels promote a replica after the master was killed, and another when they are told to")
  func survivesSentinels() async throws {
    let set = try await RedisSentinelSet.start()
    try await RecoveryWorld.with(queue: RedisAddress(url: set.url)) { world in
      try await world.until("the set is complete") { try await set.isComplete() }
      try await world.untilFilled()
      async let stream: Void = world.feed(200)
      try await world.untilCompleted(30)
      let old = try await world.node.leaseOne()
      set.servers[0].kill()
      try await world.untilEpoch(after: old.authority.epoch)
      #expect(try await world.node.settle(old) != .settled, "What was held in the old epoch ends nothing.")
      try await world.untilCompleted(world.effects.completed + 40)
      let first = try #require(try await set.master())
      let epoch = try await world.node.store.epoch()
      try await world.until("the master is told to step down") {
        try await set.sentinels[0].command("SENTINEL", "FAILOVER", RedisSentinelSet.master) == "OK"
      }
      try await world.untilEpoch(after: epoch)
      try await world.until("another is the master") { try await set.master(by: 0)?.port != first.port }
      try await stream
      try await world.untilCompleted(world.effects.completed + 20)
    }
  }

  @Test("The masters of a cluster are killed, the queue's and the registry's: replicas take over")
  func survivesCluster() async throws {
    let cluster = try await RedisClusterSet.start()
    let queue = try await cluster.place(of: "{millrace:\(QueueName.standard)}:meta")
    let registry = try await cluster.place(of: "{millrace}:open")
    try await RecoveryWorld.with(queue: RedisAddress(url: cluster.url)) { world in
      try await world.untilFilled()
      async let stream: Void = world.feed(200)
      try await world.untilCompleted(30)
      // Two masters of three may not go at once, but one after the other where their replicas have taken over.
      for place in Set([queue, registry]).sorted() {
        let old = try await world.node.leaseOne()
        cluster.servers[place].kill()
        try await world.untilEpoch(after: old.authority.epoch)
        #expect(try await world.node.settle(old) != .settled, "What was held in the old epoch ends nothing.")
        try await world.untilCompleted(world.effects.completed + 40)
      }
      try await stream
    }
  }

  @Test("The slot of the queue moves to another master of a cluster, and back")
  func survivesResharding() async throws {
    let cluster = try await RedisClusterSet.start()
    let key = "{millrace:\(QueueName.standard)}:meta"
    let place = try await cluster.place(of: key)
    let (one, other) = (cluster.servers[place], cluster.servers[(place + 1) % 3])
    try await RecoveryWorld.with(queue: RedisAddress(url: cluster.url)) { world in
      try await world.untilFilled()
      async let stream: Void = world.feed(150)
      try await world.untilCompleted(30)
      for (source, target) in [(one, other), (other, one)] {
        let epoch = try await world.node.store.epoch()
        try await cluster.move(slotOf: key, from: source, to: target)
        try await world.untilEpoch(after: epoch)
        try await world.untilCompleted(world.effects.completed + 30)
      }
      try await stream
    }
  }
}
