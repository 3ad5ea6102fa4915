import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Signals", .timeLimit(.minutes(5)))
struct SignalTests {
  @Test func aRaiseBeforeTheWaitIsNotMissed() async {
    let signal = Signal()
    let count = signal.count
    signal.raise()
    await signal.wait(after: count)
    #expect(signal.count == count + 1)
  }

  @Test func everyWaiterWakes() async {
    let signal = Signal()
    let count = signal.count
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<50 { group.addTask { await signal.wait(after: count) } }
      group.addTask { signal.raise() }
    }
    #expect(signal.count == count + 1)
  }

  @Test func noRaiseIsMissedBetweenLookAndWait() async {
    let (ping, pong) = (Signal(), Signal())
    async let echo: Void = {
      for turn in 0..<UInt64(2_000) {
        await ping.wait(after: turn)
        pong.raise()
      }
    }()
    for turn in 0..<UInt64(2_000) {
      ping.raise()
      await pong.wait(after: turn)
    }
    await echo
    #expect(ping.count == 2_000)
    #expect(pong.count == 2_000)
  }

  @Test func aCancelledWaitReturns() async {
    let signal = Signal()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<50 { group.addTask { await signal.wait(after: 0) } }
      group.cancelAll()
    }
    #expect(signal.count == 0)
  }

  @Test func aWaitEndsAtItsLimit() async throws {
    let (signal, time) = (Signal(), ManualTime())
    async let waiting: Void = signal.wait(after: 0, atMost: .seconds(5), on: time)
    try await time.waitForSleepers()
    time.advance(by: .seconds(5))
    await waiting
    #expect(time.monotonic == .seconds(5))
    #expect(signal.count == 0)
  }

  @Test func aRaiseEndsAWaitBeforeItsLimit() async throws {
    let (signal, time) = (Signal(), ManualTime())
    async let waiting: Void = signal.wait(after: 0, atMost: .seconds(5), on: time)
    try await time.waitForSleepers()
    signal.raise()
    await waiting
    #expect(time.monotonic == .zero)
  }

  @Test func aLimitOfZeroDoesNotWait() async {
    await Signal().wait(after: 0, atMost: .zero, on: ManualTime())
    await Signal().wait(after: 0, atMost: .seconds(-1), on: ManualTime())
  }
}
