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
      try await world.breakOff(after: 30) { set.servers[0].kill() }
      let first = try #require(try await set.master())
      #expect(first.port != set.servers[0].port)
      try await world.breakOff(after: 30) {
        try await world.until("the Sentinels do as they are told") {
          try await set.sentinels[0].command("SENTINEL", "FAILOVER", RedisSentinelSet.master) == "OK"
        }
      }
      #expect(try await set.master(by: 0)?.port != first.port)
    }
  }

  @Test("The masters of a cluster are killed, the queue's and the registry's: replicas take over")
  func survivesCluster() async throws {
    let cluster = try await RedisClusterSet.start()
    let queue = try await cluster.place(of: "{millrace:\(QueueName.standard)}:meta")
    let registry = try await cluster.place(of: "{millrace}:open")
    try await RecoveryWorld.with(queue: RedisAddress(url: cluster.url)) { world in
      try await world.untilFilled()
      // Not both at once: the second when the first one's replica has taken over.
      for place in Set([queue, registry]).sorted() {
        try await world.breakOff(after: 30) { cluster.servers[place].kill() }
      }
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
      for (source, target) in [(one, other), (other, one)] {
        try await world.breakOff(after: 30) { try await cluster.move(slotOf: key, from: source, to: target) }
      }
    }
  }
}

extension RecoveryWorld {
  /// Has another server take over while so many jobs have just been done and others are under way; returns when a new
  /// epoch has begun and work flows again.
  fileprivate func breakOff(after count: Int, _ takeOver: () async throws -> Void) async throws {
    async let stream: Void = feed(120)
    try await untilCompleted(effects.completed + count)
    let old = try await node.leaseOne()
    try await takeOver()
    try await untilEpoch(after: old.authority.epoch)
    #expect(try await node.settle(old) != .settled, "What was held in the old epoch ends nothing.")
    let done = effects.completed
    try await stream
    try await feed(20)
    try await untilCompleted(done + 20)
  }
}
