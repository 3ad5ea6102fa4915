import Testing
import WorkerKit

@testable import SQLiteDriver

@Suite("SQLite: events just committed", .timeLimit(.minutes(5)))
struct RecentEventsTests {
  private let event = EventEnvelope(
    id: "e", type: "Saved", occurredAt: Timestamp(milliseconds: 0), tenant: "acme", payload: .object([:]))

  private func kept(_ sequence: Int64, bytes: Int = 100) -> (sequence: Int64, event: EventEnvelope, bytes: Int) {
    (sequence: sequence, event: event, bytes: bytes)
  }

  @Test("an event is handed out once, by its number")
  func handedOutOnce() {
    let recent = SQLiteRecentEvents()
    recent.keep([kept(7)])
    #expect(recent.take(8) == nil)
    #expect(recent.take(7) == event)
    #expect(recent.take(7) == nil)
  }

  @Test("what is large, and what comes when there is no room, is left to the file")
  func bounded() {
    let recent = SQLiteRecentEvents()
    recent.keep([kept(1, bytes: 5_000)] + (2...2_500).map { kept($0) })
    #expect(recent.take(1) == nil)
    #expect((2...2_500).count { recent.take($0) != nil } == 2_000)
  }

  @Test("what another has routed is forgotten")
  func forgotten() {
    let recent = SQLiteRecentEvents()
    recent.keep((1...10).map { kept($0) })
    recent.forget(upTo: 6)
    #expect((1...10).filter { recent.take($0) != nil } == [7, 8, 9, 10])
  }
}
