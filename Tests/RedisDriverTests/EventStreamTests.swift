import RedisDriver
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("An event stream in Redis", .timeLimit(.minutes(5)))
struct EventStreamTests {
  @Test("Each entry goes to one consumer, oldest first, and leaves the stream when it is settled")
  func takesOnce() async throws {
    let bench = try await StreamBench()
    let ids = [try await bench.add("event", "{\"n\": 1}"), try await bench.add("event", "é", "b", "")]
    try await bench.add(3, "'event', n")
    try await bench.with { one in
      let first = try await one.take(limit: 2)
      #expect(first.ids == ids)
      #expect(
        first.entries.map(\.content) == [
          .fields([StreamField(name: "event", value: Array("{\"n\": 1}".utf8))]),
          .fields([StreamField(name: "event", value: Array("é".utf8)), StreamField(name: "b", value: [])]),
        ])
      #expect((first.waiting, first.dead) == (5, 0))
      try await bench.with { two in
        let second = try await two.take(limit: 9)
        #expect(second.entries.count == 3)
        #expect(Set(second.ids).isDisjoint(with: ids))
        #expect(try await two.settle(second.recorded) == StreamSettling(buried: 0, held: 0))
      }
      #expect(try await bench.length() == "2")
      #expect(try await bench.pending() == "2")
      _ = try await one.settle(first.recorded)
      #expect(try await bench.length() == "0")
      #expect(try await bench.pending() == "0")
    }
  }

  @Test("Who waits for an entry gets one that comes meanwhile, and nothing after a moment")
  func waits() async throws {
    let bench = try await StreamBench(RedisServer.start())
    try await bench.with { stream in
      #expect(try await stream.take(limit: 1).entries.isEmpty)
      async let taken = bench.first(of: stream)
      try await bench.untilSomebodyWaits()
      let id = try await bench.add("event", "1")
      let batch = try await taken
      #expect(batch.ids == [id])
      _ = try await stream.settle(batch.recorded)
      #expect(try await bench.length() == "0")
    }
  }

  @Test("What a consumer that died has taken is claimed; what it settles late it does not touch")
  func claims() async throws {
    let bench = try await StreamBench()
    try await bench.add(25, "'event', n")
    let dead = try bench.consumer()
    let lost = try await dead.take(limit: 20)
    try await bench.with { patient in
      let rest = try await patient.take(limit: 50)
      #expect(rest.entries.count == 5)
      _ = try await patient.settle(rest.recorded)
    }
    try await bench.with(StreamBench.hasty) { other in
      let claimed = try await other.take(limit: 50)
      #expect(claimed.ids == lost.ids)
      #expect(try await dead.settle(lost.recorded) == StreamSettling(buried: 0, held: 0))
      #expect(try await dead.settle(lost.refused()) == StreamSettling(buried: 0, held: 0))
      #expect(try await bench.length() == "20")
      _ = try await other.settle(claimed.recorded)
      #expect(try await bench.length() == "0")
    }
    await dead.close()
  }

  @Test("A consumer leaves the group with its process, but not before what it has taken was settled")
  func leaves() async throws {
    let bench = try await StreamBench()
    try await bench.add("event", "1")
    let one = try bench.consumer()
    let batch = try await one.take(limit: 1)
    await one.close()
    #expect(try await bench.consumers() == 1)
    try await bench.with(StreamBench.hasty) { two in
      #expect(try await two.take(limit: 1).ids == batch.ids)
      _ = try await two.settle(batch.recorded)
      #expect(try await bench.consumers() == 2)
    }
    #expect(try await bench.consumers() == 1)
  }

  @Test("A server that is emptied, at any moment, gets its group anew, and what comes then is taken from the start")
  func survivesFlush() async throws {
    let server = try await RedisServer.start()
    let bench = try await StreamBench(server)
    try await bench.add("event", "1")
    try await bench.with { stream in
      let lost = try await stream.take(limit: 1)
      try await server.command("FLUSHALL")
      #expect(try await stream.settle(lost.recorded) == StreamSettling(buried: 0, held: 0))
      // The same id once more, which was not recorded.
      try await server.command("XADD", bench.keys.stream, lost.ids[0], "event", "2")
      #expect(try await stream.settle(lost.recorded) == StreamSettling(buried: 0, held: 0))
      #expect(try await bench.length() == "1")
      let found = try await stream.take(limit: 5)
      #expect(found.ids == lost.ids)
      _ = try await stream.settle(found.recorded)
      async let waiting = stream.take(limit: 5)
      try await bench.untilSomebodyWaits()
      try await server.command("FLUSHALL")
      #expect(try await waiting.entries.isEmpty)
      let id = try await bench.add("event", "3")
      #expect(try await stream.take(limit: 5).ids == [id])
    }
  }

  @Test("A batch has a bound in bytes, and an entry that is too large is not read")
  func boundsBytes() async throws {
    let bench = try await StreamBench(RedisServer.start())
    try await bench.add(4, "'event', string.rep('x', n == 2 and 200 or 60)")
    try await bench.with(RedisStreamBounds(entryBytes: 100, batchBytes: 120)) { stream in
      let first = try await stream.take(limit: 9)
      #expect(first.entries.map(\.isOversized) == [false, true, false])
      #expect(try await stream.take(limit: 9).entries.count == 1)
      async let waiting = bench.first(of: stream)
      try await bench.untilSomebodyWaits()
      try await bench.add(1, "'event', string.rep('x', 101)")
      #expect(try await waiting.entries.map(\.content) == [.oversized(106)])
    }
  }

  @Test("At maxmemory senders are refused, and what is there is taken and settled")
  func drainsAtTheLimit() async throws {
    let server = try await RedisServer.start()
    let bench = try await StreamBench(server)
    try await bench.add(2, "'event', n")
    try await bench.with { stream in
      let first = try await stream.take(limit: 1)
      try await server.command("CONFIG", "SET", "maxmemory", "1")
      #expect(try await bench.add("event", "3").contains("OOM"))
      let second = try await stream.take(limit: 9)
      let verdicts = first.recorded + second.refused()
      #expect(try await stream.settle(verdicts) == StreamSettling(buried: 1, held: 0))
      #expect(try await bench.length() == "0")
    }
  }

  @Test("A key of that name which is no stream is said to be another's")
  func namesForeignKey() async throws {
    let bench = try await StreamBench()
    try await bench.server.command("SET", bench.keys.stream, "mine")
    try await bench.with { stream in
      let error = await #expect(throws: DriverError.self) { try await stream.take(limit: 1) }
      #expect(error?.code == "redis_key_taken")
    }
  }

  @Test(
    "A stream's name keeps its dead letters in its slot",
    arguments: ["", "a{b}", "}", String(repeating: "x", count: 201)])
  func refusesNames(_ name: String) throws {
    #expect(RedisStreamKeys.standard.stream == "millrace:events")
    #expect(RedisStreamKeys.standard.dead == "{millrace:events}:dead")
    let error = #expect(throws: DriverError.self) { try RedisStreamKeys(stream: name) }
    #expect(error?.code == "redis_stream_name")
  }
}

extension StreamEntry {
  fileprivate var isOversized: Bool { if case .oversized = content { true } else { false } }
}

extension StreamBench {
  /// Takes until there is something: a machine with much to do may be slower than the stream waits.
  fileprivate func first(of stream: RedisEventStream) async throws -> StreamBatch {
    while true {
      let batch = try await stream.take(limit: 9)
      if !batch.entries.isEmpty { return batch }
    }
  }

  /// Returns when a client is blocked on the stream's server, which the test has for itself.
  fileprivate func untilSomebodyWaits() async throws {
    while try await !server.command("CLIENT", "LIST").contains("flags=b ") { await Task.yield() }
  }
}
