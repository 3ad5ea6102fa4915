import Testing
import WorkerKitTesting

@testable import PostgreSQLDriver

@Suite("Where an outbox has to be looked at", .timeLimit(.minutes(5)))
struct OutboxBoundsTests {
  @Test("What was taken while nobody else was at work is never looked at again")
  func leavesTheTakenAlone() {
    var bounds = OutboxBounds()
    #expect(bounds.start(running: []) == 1)
    bounds.take(from: 1, through: 100, running: [])
    #expect(bounds.start(running: ["7"]) == 101)
  }

  @Test("A stretch is looked at again when one of those has ended who were at work when it was taken")
  func looksAgain() {
    var bounds = OutboxBounds()
    bounds.take(from: 1, through: 100, running: ["7", "8"])
    bounds.take(from: 101, through: 200, running: ["7"])
    #expect(bounds.start(running: ["7", "8", "9"]) == 201)
    #expect(bounds.start(running: ["7"]) == 1)
    bounds.take(from: 1, through: 210, running: ["7"])
    #expect(bounds.start(running: ["7"]) == 211)
    #expect(bounds.start(running: []) == 1)
  }

  @Test("A batch in the middle leaves the rest of a stretch as it was")
  func splits() {
    var bounds = OutboxBounds()
    bounds.take(from: 1, through: 100, running: ["7", "8"])
    bounds.take(from: 1, through: 50, running: ["7"])
    #expect(bounds.start(running: ["7"]) == 51)
    bounds.take(from: 51, through: 100, running: ["7"])
    #expect(bounds.stretches.count == 1)
  }

  @Test("However transactions come and go, whatever they leave is found, and little is kept", arguments: 1...40)
  func findsEverything(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var (bounds, place) = (OutboxBounds(), Int64(0))
    // What is open: a transaction's number and the places that it holds; what can be seen.
    var (open, visible, next) = ([String: [Int64]](), Set<Int64>(), 0)
    for _ in 0..<600 {
      switch random.next() % 4 {
      case 0:
        next += 1
        open["\(next)"] = []
      case 1:
        guard let who = open.keys.sorted().randomElement(using: &random) else { continue }
        place += 1
        open[who]?.append(place)
      case 2:
        guard let who = open.keys.sorted().randomElement(using: &random) else { continue }
        visible.formUnion(open.removeValue(forKey: who) ?? [])
      default:
        let (first, limit) = (bounds.start(running: Set(open.keys)), Int(random.next() % 5) + 1)
        let taken = visible.filter { $0 >= first }.sorted().prefix(limit)
        visible.subtract(taken)
        bounds.take(
          from: first, through: taken.count < limit ? place : taken.last ?? 0, running: Set(open.keys))
      }
      #expect(bounds.stretches.count <= OutboxBounds.limit)
    }
    for places in open.values { visible.formUnion(places) }
    while true {
      let first = bounds.start(running: [])
      if first > place { break }
      visible = visible.filter { $0 < first }
      bounds.take(from: first, through: place, running: [])
    }
    #expect(visible.isEmpty, "seed \(seed) lost \(visible.sorted())")
  }
}
