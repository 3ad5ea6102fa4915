import Testing
import WorkerKit

@Suite("A window in which only the newest counts", .timeLimit(.minutes(5)))
struct CoalesceWindowTests {
  private static func member(_ job: String, _ value: JSON? = nil) -> CoalesceWindow.Member {
    CoalesceWindow.Member(job: JobID(job), value: value)
  }

  private static let start = Timestamp(milliseconds: 1_000_000)

  private func arrive(
    _ window: inout CoalesceWindow, _ member: CoalesceWindow.Member, after wait: Duration = .zero
  ) -> CoalesceWindow.Arrival {
    window.arrive(member, quiet: .seconds(2), maxWait: .seconds(5), at: Self.start + wait)
  }

  private func expect(
    _ window: inout CoalesceWindow, _ member: CoalesceWindow.Member, after wait: Duration = .zero,
    _ wanted: CoalesceWindow.Arrival
  ) {
    let arrival = arrive(&window, member, after: wait)
    #expect(arrival == wanted, "\(member)")
  }

  @Test("the due time moves with each arrival, up to the longest wait")
  func dueTimes() {
    var window = CoalesceWindow()
    expect(&window, Self.member("a", 1), .waits(superseding: nil))
    #expect(window.dueAt == Self.start + .seconds(2))
    expect(&window, Self.member("b", 2), after: .seconds(1), .waits(superseding: "a"))
    #expect(window.dueAt == Self.start + .seconds(3))
    expect(&window, Self.member("c", 3), after: .seconds(4), .waits(superseding: "b"))
    #expect(window.dueAt == Self.start + .seconds(5))
  }

  @Test("numbers are compared by value, texts by their bytes, anything else by arrival")
  func comparison() {
    let newer: [(JSON?, JSON?)] = [
      (1, 2), (2, 2.5), (9, 10), ("2026-01-02", "2026-01-10"), ("b", 1), (nil, 1), (1, nil), (true, false), (3, 3),
    ]
    for (first, second) in newer {
      var window = CoalesceWindow()
      _ = arrive(&window, Self.member("a", first))
      expect(&window, Self.member("b", second), .waits(superseding: "a"))
    }
    let older: [(JSON?, JSON?)] = [(2, 1), (2.5, 2), (10, 9), ("2026-01-10", "2026-01-02"), ("é", "e")]
    for (first, second) in older {
      var window = CoalesceWindow()
      _ = arrive(&window, Self.member("a", first))
      expect(&window, Self.member("b", second), .superseded)
    }
  }

  @Test("what may be at work is never superseded, and its end is remembered")
  func running() {
    var window = CoalesceWindow()
    _ = arrive(&window, Self.member("a", 5))
    window.close(at: Self.start + .seconds(1))
    #expect(window.running == nil)
    window.close(at: Self.start + .seconds(2))
    #expect(window.running?.job == "a" && window.waiting == nil)
    expect(&window, Self.member("b", 4), after: .seconds(3), .superseded)
    expect(&window, Self.member("c", 6), after: .seconds(3), .waits(superseding: nil))
    window.end("a", succeeded: true)
    #expect(window.running == nil && window.done == 5 && window.waiting?.job == "c")
    window.end("c", succeeded: false)
    #expect(window.done == 5)
    expect(&window, Self.member("d", 4), after: .seconds(9), .superseded)
  }

  @Test("a retry gives way to what is newer, and waits again where nothing is")
  func retries() {
    var window = CoalesceWindow()
    _ = arrive(&window, Self.member("a", 1))
    window.close(at: Self.start + .seconds(2))
    var isSuperseded = window.retry("a", until: Self.start + .seconds(10))
    #expect(!isSuperseded)
    #expect(window.waiting?.job == "a" && window.running == nil && window.dueAt == Self.start + .seconds(10))
    expect(&window, Self.member("b", 2), after: .seconds(4), .waits(superseding: "a"))
    window.close(at: Self.start + .seconds(20))
    _ = arrive(&window, Self.member("c", 3), after: .seconds(20))
    isSuperseded = window.retry("b", until: Self.start + .seconds(30))
    #expect(isSuperseded)
  }

  @Test("a dead letter is out of date once something newer waits, runs or was done")
  func replays() {
    var window = CoalesceWindow()
    let dead = Self.member("a", 1)
    #expect(!window.outdates(dead))
    _ = arrive(&window, Self.member("b", 2))
    #expect(window.outdates(dead))
    window.end("b", succeeded: false)
    #expect(!window.outdates(dead))
    _ = arrive(&window, Self.member("c", 2))
    window.end("c", succeeded: true)
    #expect(window.outdates(dead))
    #expect(!window.outdates(Self.member("d", 3)))
  }

  @Test("a window comes back from its row as it was")
  func keeping() throws {
    var window = CoalesceWindow()
    #expect(CoalesceWindow(json: window.json) == window)
    _ = arrive(&window, Self.member("a", "x"))
    window.close(at: Self.start + .seconds(2))
    _ = arrive(&window, Self.member("b"), after: .seconds(2))
    window.done = 7
    #expect(CoalesceWindow(json: try JSONReader.parse(window.json.bytes())) == window)
    #expect(CoalesceWindow(json: ["due_at": 1]) == nil)
  }
}
