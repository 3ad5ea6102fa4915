import Testing
import WorkerKit

@Suite("Starting a process again", .timeLimit(.minutes(5)))
struct RestartBackoffTests {
  @Test("waits longer after each quick death, up to 30 s")
  func grows() {
    var backoff = RestartBackoff()
    let waits = (0..<8).map { _ in backoff.next(afterLifetime: .seconds(2)) }
    #expect(waits == [1, 2, 4, 8, 16, 30, 30, 30].map { .restart(after: .seconds($0)) })
  }

  @Test("begins anew after a minute of health")
  func resets() {
    var backoff = RestartBackoff(giveUpAfter: 3)
    _ = backoff.next(afterLifetime: .zero)
    #expect(backoff.next(afterLifetime: .seconds(59)) == .restart(after: .seconds(2)))
    #expect(backoff.next(afterLifetime: .seconds(60)) == .restart(after: .seconds(1)))
    #expect(backoff.next(afterLifetime: .zero) == .restart(after: .seconds(1)))
    #expect(backoff.next(afterLifetime: .zero) == .restart(after: .seconds(2)))
    #expect(backoff.next(afterLifetime: .zero) == .giveUp(quickDeaths: 3))
  }

  @Test("never gives up unless told to, however long it goes on")
  func goesOn() {
    var backoff = RestartBackoff()
    for _ in 0..<1000 { #expect(backoff.next(afterLifetime: .zero) != .giveUp(quickDeaths: 1000)) }
    #expect(backoff.next(afterLifetime: .zero) == .restart(after: .seconds(30)))
  }
}
