import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A clock that stands still")
struct ManualTimeTests {
  @Test("Both clocks move by what they are advanced, lengths below a millisecond included")
  func advances() {
    let time = ManualTime(start: Timestamp(milliseconds: 1000))
    for _ in 0..<4 { time.advance(by: .microseconds(500)) }
    #expect(time.now == Timestamp(milliseconds: 1002))
    #expect(time.monotonic == .milliseconds(2))
  }

  @Test("A step moves the wall clock alone")
  func steps() {
    let time = ManualTime(start: Timestamp(milliseconds: 1000))
    time.step(by: .seconds(-1))
    time.advance(by: .seconds(5))
    #expect(time.now == Timestamp(milliseconds: 5000))
    #expect(time.monotonic == .seconds(5))
  }

  @Test("Sleepers wake in the order of their times, and not before", .timeLimit(.minutes(5)))
  func wakes() async throws {
    let time = ManualTime()
    try await withThrowingTaskGroup(of: Int.self) { group in
      for seconds in [3, 1, 2] {
        group.addTask {
          try await time.sleep(for: .seconds(seconds))
          return seconds
        }
      }
      try await time.waitForSleepers(3)
      time.advance(by: .milliseconds(999))
      // Comes back only if all three are still asleep.
      try await time.waitForSleepers(3)
      for expected in 1...3 {
        time.advance(by: .seconds(1))
        #expect(try await group.next() == expected)
      }
    }
  }

  @Test("Who waits for a sleeper until a moment goes on when one sleeps until then", .timeLimit(.minutes(5)))
  func awaitsSleeper() async throws {
    let time = ManualTime()
    time.advance(by: .seconds(1))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for seconds in [1, 3, 2] { group.addTask { try await time.sleep(for: .seconds(seconds)) } }
      try await time.waitForSleeper(until: .seconds(4))
      time.advance(by: .seconds(3))
      try await group.waitForAll()
    }
    // Nobody sleeps any more: it ends by its cancellation alone.
    let waiting = Task { try await time.waitForSleeper(until: .seconds(4)) }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
  }

  @Test("A sleeper that is cancelled throws, and is counted no more", .timeLimit(.minutes(5)))
  func cancels() async throws {
    let time = ManualTime()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        do {
          try await time.sleep(for: .seconds(1))
          return false
        } catch {
          return error is CancellationError
        }
      }
      try await time.waitForSleepers()
      group.cancelAll()
      #expect(try await group.next() == true)
    }
    // A sleeper that was left behind would be found here instead of the new one.
    async let sleeper: Void = time.sleep(for: .seconds(2))
    try await time.waitForSleepers()
    time.advance(by: .seconds(2))
    try await sleeper
  }

  @Test("Sleeping for nothing takes no time")
  func sleepsForNothing() async throws {
    let time = ManualTime()
    try await time.sleep(for: .zero)
    #expect(time.monotonic == .zero)
  }
}
