import TestRedis
import Testing

@testable import RedisDriver

@Suite("The slots of a Redis Cluster", .timeLimit(.minutes(5)))
struct RedisSlotTests {
  @Test("The checksum is the one that the specification names, by its own example")
  func agreesWithSpecification() {
    #expect(RedisSlot.checksum(Array("123456789".utf8)[...]) == 0x31C3)
  }

  @Test(
    "What is in the first braces counts, where there is something",
    arguments: [
      ("{user1000}.following", "user1000"), ("{user1000}.followers", "user1000"), ("foo{bar}{zap}", "bar"),
      ("foo{{bar}}zap", "{bar"),
    ])
  func readsTags(key: String, tag: String) {
    #expect(RedisSlot.of(key) == RedisSlot.of(tag))
  }

  @Test("Empty and open braces count for nothing")
  func ignoresEmptyTags() {
    #expect(RedisSlot.of("foo{}{bar}") == Int(RedisSlot.checksum(Array("foo{}{bar}".utf8)[...])) % RedisSlot.count)
    #expect(RedisSlot.of("foo{bar") == Int(RedisSlot.checksum(Array("foo{bar".utf8)[...])) % RedisSlot.count)
    #expect(RedisSlot.of("foo") == 12_182)
  }

  @Test("Servers put every key where this driver does")
  func agreesWithServers() async throws {
    let server = try await RedisServer.start(["--cluster-enabled", "yes"])
    for key in ["{millrace}:open", "{millrace:media}:wake", "millrace:events", "{}", "a{b}c", "{{}}", "", "ü{é}"] {
      #expect(try await server.command("CLUSTER", "KEYSLOT", key) == "\(RedisSlot.of(key))", "\(key)")
    }
    server.kill()
  }

  @Test("What nodes answer is read, whoever they name")
  func readsRedirects() {
    let asked = RedisNode("one", port: 7000)
    func read(_ text: String) -> RedisRedirect? { RedisRedirect(.error(text), asked: asked) }
    #expect(read("MOVED 3999 127.0.0.1:6381") == .moved(slot: 3999, RedisNode("127.0.0.1", port: 6381)))
    #expect(read("ASK 3999 ::1:6381") == .ask(RedisNode("::1", port: 6381)))
    #expect(read("MOVED 3999 :6381") == .moved(slot: 3999, RedisNode("one", port: 6381)))
    #expect(read("TRYAGAIN Multiple keys request during rehashing of slot") == .again)
    #expect(read("CLUSTERDOWN The cluster is down") == .again)
    for text in ["MOVED", "MOVED 16384 host:1", "MOVED 1 host", "MOVED 1 host:x", "ERR no such thing"] {
      #expect(read(text) == nil)
    }
    #expect(RedisRedirect(.text("MOVED 3999 127.0.0.1:6381"), asked: asked) == nil)
  }

  @Test("A map says who has a slot, and what was heard since")
  func mapsSlots() {
    let asked = RedisNode("one", port: 7000)
    func range(_ first: Int64, _ last: Int64, _ node: [RedisReply]) -> RedisReply {
      .list([.integer(first), .integer(last), .list(node), .list([.text("replica"), .integer(1)])])
    }
    var map = RedisSlotMap(
      .list([
        range(0, 99, [.text("two"), .integer(7001)]), range(200, 16_383, [.null, .integer(7002)]),
        range(5, 20_000, [.text("wrong"), .integer(1)]),
      ]), asked: asked)
    #expect(map.owner(of: 99) == RedisNode("two", port: 7001))
    #expect(map.owner(of: 100) == nil)
    #expect(map.owner(of: 16_383) == RedisNode("one", port: 7002))
    map.set(100, RedisNode("three", port: 7003))
    #expect(map.owner(of: 100)?.host == "three")
    #expect(map.nodes.map(\.host) == ["two", "one", "three"])
  }
}
