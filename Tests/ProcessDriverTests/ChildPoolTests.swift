import Foundation
import ProcessDriver
import TestProcesses
import Testing

@Suite struct ChildPoolTests {
  @Test func bytesComeBackAsTheyWereAtAnySize() async throws {
    let pool = TestPool.make()
    var random = SystemRandomNumberGenerator()
    let seed = UInt8.random(in: 1...255, using: &random)
    for size in [0, 1, 65_536, 3_000_000, 16 << 20] {
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* Int(seed)) }
      #expect(try await pool.call(bytes, deadline: .seconds(60)) == bytes, "seed \(seed), size \(size)")
    }
    await pool.close()
  }

  @Test func aChildIsReusedAndReplacedAfterItsShare() async throws {
    let pool = TestPool.make(requestsPerChild: 3)
    var processes: [String] = []
    for _ in 0..<7 { processes.append(try await pool.ask("process")) }
    #expect(Set(processes[0..<3]).count == 1)
    #expect(Set(processes[3..<6]).count == 1)
    #expect(Set(processes).count == 3)
    await pool.close()
  }

  @Test func noMoreChildrenRunThanThePoolIsWide() async throws {
    let pool = TestPool.make(width: 2)
    let processes = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<20 { group.addTask { try await pool.ask("process") } }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(processes.count <= 2)
    await pool.close()
  }

  @Test func waitingCallersAreServedInOrder() async throws {
    let pool = TestPool.make()
    let announcement = Announcement()
    let blocking = Task { await pool.failure(of: "announce \(announcement.path)") }
    _ = await announcement.process()
    var waiting: [Task<String, any Error>] = []
    for position in 1...3 {
      waiting.append(Task { try await pool.ask("ordinal") })
      await pool.reachWaiting(position)
    }
    blocking.cancel()
    #expect(await blocking.value == .cancelled)
    for (position, task) in waiting.enumerated() { #expect(try await task.value == "\(position + 1)") }
    await pool.close()
  }

  @Test func cancellingAWaitingCallerLeavesTheRunningOne() async throws {
    let pool = TestPool.make()
    let announcement = Announcement()
    let running = Task { await pool.failure(of: "announce \(announcement.path)") }
    let process = try #require(await announcement.process())
    let waiting = Task { await pool.failure(of: "hello") }
    await pool.reachWaiting(1)
    waiting.cancel()
    #expect(await waiting.value == .cancelled)
    #expect(pool.waitingCalls == 0)
    #expect(kill(process, 0) == 0)
    running.cancel()
    _ = await running.value
    await pool.close()
  }

  @Test func cancellingARunningCallKillsItsChild() async throws {
    let pool = TestPool.make()
    let announcement = Announcement()
    let running = Task { await pool.failure(of: "announce \(announcement.path)") }
    let process = try #require(await announcement.process())
    running.cancel()
    #expect(await running.value == .cancelled)
    #expect(kill(process, 0) == -1)
    #expect(try await pool.ask("hello") == "hello")
    await pool.close()
  }

  @Test func aCallerThatIsCancelledAlreadyStartsNothing() async {
    let pool = TestPool.make()
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await pool.failure(of: "hello")
    }
    #expect(await task.value == .cancelled)
    await pool.close()
  }

  @Test func closingEndsEverything() async throws {
    let pool = TestPool.make()
    let announcement = Announcement()
    let running = Task { await pool.failure(of: "announce \(announcement.path)") }
    let process = try #require(await announcement.process())
    let waiting = Task { await pool.failure(of: "hello") }
    await pool.reachWaiting(1)
    await pool.close()
    #expect(await running.value == .closed)
    #expect(await waiting.value == .closed)
    #expect(kill(process, 0) == -1)
    #expect(await pool.failure(of: "hello") == .closed)
    await pool.close()
  }
}
