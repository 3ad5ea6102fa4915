import AutosaveWorker
import Testing
import WorkerKit
import WorkerKitTesting

/// The pipeline `autosave` as it ships, while several people write.
@Suite("Saves in quick succession", .timeLimit(.minutes(5)))
struct CoalescedSaveTests {
  private static let documents = 4
  /// How long everybody writes, and how often each document has a newer save: more often than its window is quiet.
  private static let length = Duration.seconds(45)
  private static let step = Duration.milliseconds(300)

  private static func save(_ document: Int, _ revision: Int, copy: Int = 0, at moment: Timestamp) -> EventEnvelope {
    EventEnvelope(
      id: EventID("save-\(document)-\(revision)-\(copy)"), type: "DocumentSaved", occurredAt: moment, tenant: "acme",
      resource: .init(kind: "document", id: "doc\(document)"),
      payload: ["revision": .integer(Int64(revision)), "content": .string("revision \(revision)")])
  }

  @Test(
    "The newest is kept, seldom and one at a time; all others end as superseded", arguments: SavingPair.allCases)
  func keepsTheNewest(pair: SavingPair) async throws {
    let random = SeededRandom(seed: .random(in: .min ... .max))
    print("coalesced saves, \(pair.rawValue): seed \(random.seed)")
    let desk = try await WritingDesk(pair, seed: random.seed)
    #expect(desk.policy.quiet > Self.step && desk.policy.newestBy != nil)
    await desk.working {
      var (heads, sent) = ([Int](repeating: 0, count: Self.documents), Set<EventID>())
      let start = desk.time.monotonic
      while desk.time.monotonic - start < Self.length {
        let events = Self.arrivals(&heads, at: desk.time.now, random)
        sent.formUnion(events.map(\.id))
        try await desk.send(events)
        try await desk.pass(Self.step)
      }
      let jobs = try await desk.ended()
      #expect(jobs.count == sent.count, "Each event has a job, and one that came twice has no second one.")
      try await check(jobs, heads: heads, on: desk)
    }
  }

  /// A newer save of every document; and of some an older one that comes late, the same once more under another id, or
  /// the same event again; in any order.
  private static func arrivals(_ heads: inout [Int], at moment: Timestamp, _ random: SeededRandom) -> [EventEnvelope] {
    var events: [EventEnvelope] = []
    for document in heads.indices {
      let last = heads[document]
      heads[document] += 1 + Int(random.next() % 3)
      let newest = save(document, heads[document], at: moment)
      events.append(newest)
      switch random.next() % 6 {
      case 0: events.append(newest)
      case 1: events.append(save(document, heads[document], copy: 1, at: moment))
      case 2 where heads[document] > last + 1: events.append(save(document, last + 1, at: moment))
      case 3 where last > 0: events.append(save(document, last, copy: 2, at: moment))
      default: continue
      }
    }
    for index in events.indices { events.swapAt(index, Int(random.next() % UInt64(events.count))) }
    return events
  }

  private func check(_ jobs: [Job], heads: [Int], on desk: WritingDesk) async throws {
    #expect(desk.shelf.overlaps == [])
    let kept = jobs.filter { $0.standing.state == .succeeded }
    let superseded = jobs.filter { $0.standing.state == .cancelled && $0.standing.waitingFor == "superseded" }
    #expect(kept.count + superseded.count == jobs.count, "Nothing ends otherwise.")
    #expect(kept.count == desk.shelf.saves.values.reduce(0, +))
    let most = Int((Self.length / desk.policy.maxWait).rounded(.up)) + 1
    for (document, head) in heads.enumerated() {
      let history = try await desk.shelf.history(of: "doc\(document)", tenant: "acme", before: nil, limit: 100)
      #expect(history.first?.number == head)
      let saves = try #require(desk.shelf.saves["doc\(document)"])
      #expect((1...most).contains(saves), "document \(document) was saved \(saves) times")
    }
    let runs = try await desk.pair.store.runs(RunFilter(state: .running))
    #expect(runs.isEmpty, "A run whose job was superseded has ended.")
  }

  @Test("One save alone is kept when nothing has come for a while", arguments: SavingPair.allCases)
  func keepsOne(pair: SavingPair) async throws {
    let desk = try await WritingDesk(pair, seed: 1)
    await desk.working {
      try await desk.send([Self.save(0, 1, at: desk.time.now)])
      try await desk.pass(desk.policy.quiet - .milliseconds(1))
      #expect(desk.shelf.saves.isEmpty)
      let jobs = try await desk.ended()
      #expect(jobs.map(\.standing.state) == [.succeeded] && desk.shelf.saves == ["doc0": 1])
    }
  }
}
