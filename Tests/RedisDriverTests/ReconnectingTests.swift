import RedisDriver
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A Redis server that goes and comes back", .timeLimit(.minutes(5)))
struct ReconnectingTests {
  @Test("A connection that the server has closed is made anew, and nobody notices")
  func comesBackAtOnce() async throws {
    try await RedisBench.alone { bench in
      try await bench.push("job")
      try await bench.server.command("CLIENT", "KILL", "TYPE", "normal")
      #expect(try await bench.lease().map(\.authority.job) == ["job"])
    }
  }

  @Test("A server that was killed is found again, and is left alone for a moment before")
  func comesBackLater() async throws {
    try await RedisBench.alone { bench in
      let (server, queue) = (bench.server, bench.queue)
      try await bench.push("job")
      server.kill()
      await bench.expectFailure("redis_unreachable", .unavailable) { _ = try await queue.depths() }
      let second = try await RedisServer.start(replacing: server)
      await bench.expectFailure("redis_unreachable", .unavailable) { try await queue.check() }
      bench.time.advance(by: .seconds(2))
      try await queue.check()
      await bench.expectFailure("redis_not_open", .unavailable) { _ = try await bench.lease() }
      #expect(try await bench.push("job") == [.refused])
      #expect(try await !queue.isOpen(in: .first))
      try await queue.open(.first.raised)
      #expect(try await queue.isOpen(in: .first.raised))
      #expect(try await bench.push("job", epoch: .first.raised) == [.pushed])
      #expect(try await bench.lease().map(\.authority.epoch) == [.first.raised])
      second.kill()
    }
  }

  @Test("Commands under way when the server dies all fail, and none hangs")
  func failsAll() async throws {
    try await RedisBench.alone { bench in
      let queue = bench.queue
      bench.server.freeze()
      async let failures = withTaskGroup(of: DriverError?.self) { group in
        for number in 0..<20 {
          group.addTask {
            do throws(DriverError) {
              _ = try await queue.known([FencedJob(job: JobID("\(number)"), fence: .first)])
              return nil
            } catch {
              return error
            }
          }
        }
        return await group.reduce(into: [DriverError?]()) { $0.append($1) }
      }
      bench.server.kill()
      let errors = await failures
      #expect(errors.count == 20)
      #expect(errors.allSatisfy { $0?.isTransient == true })
    }
  }

  @Test("A server that does not answer is given up in time, and taken again when it does")
  func meetsTheDeadline() async throws {
    try await RedisBench.alone { bench in
      let queue = bench.other(time: bench.time, commandTimeout: .seconds(2))
      try await bench.push("job")
      try await queue.check()
      bench.server.freeze()
      await bench.expectFailure("redis_timeout", .unavailable) { _ = try await queue.lease(bench.request()) }
      bench.server.thaw()
      bench.time.advance(by: .seconds(2))
      // The lease may have been granted to an answer that nobody waited for; it is not granted twice.
      let known = try await queue.known([FencedJob(job: "job", fence: .first)])
      #expect(known != [.unknown])
      #expect(try await queue.lease(bench.request()).count == (known == [.waiting] ? 1 : 0))
      await queue.close()
    }
  }

  @Test("A slow command of somebody else is waited for, up to the deadline")
  func waitsForSlowCommands() async throws {
    try await RedisBench.alone { bench in
      try await bench.push("job")
      async let slow = bench.server.command("DEBUG", "SLEEP", "0.1")
      #expect(try await bench.lease().map(\.authority.job) == ["job"])
      #expect(try await slow == "OK")
    }
  }

  @Test("Nobody listens there")
  func saysWhatIsWrong() async throws {
    let server = try await RedisServer.start()
    server.kill()
    let bench = RedisBench(server)
    let refused = bench.other(try RedisAddress(url: "redis://app:open-sesame@127.0.0.1:1"))
    await bench.expectFailure("redis_unreachable", .unavailable) { try await refused.check() }
    let missing = bench.other(try RedisAddress(url: "unix:///nowhere/redis.sock"))
    await bench.expectFailure("redis_unreachable", .unavailable) { try await missing.check() }
    await missing.close()
    await bench.expectFailure("redis_closed", .closed) { try await missing.check() }
    await refused.close()
    await bench.queue.close()
  }

  @Test("The server's functions may be taken away")
  func loadsFunctionsAgain() async throws {
    try await RedisBench.alone { bench in
      try await bench.push("first")
      try await bench.server.command("FUNCTION", "FLUSH")
      #expect(try await bench.push("second") == [.pushed])
      #expect(try await bench.lease().map(\.authority.job) == ["first", "second"])
    }
  }
}
