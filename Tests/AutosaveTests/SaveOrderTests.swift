import AutosaveWorker
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Any order of saves", .timeLimit(.minutes(5)))
struct SaveOrderTests {
  /// A save as an editor sends it.
  private struct Keystroke: Sendable {
    let document: String
    let revision: Int
    let content: String
  }

  @Test("Shuffled, repeated and at once, saves come to what they come to in order")
  func arrivalDoesNotMatter() async throws {
    let random = SeededRandom(seed: .random(in: .min ... .max))
    print("seed \(random.seed)")
    let keystrokes = (0..<20).flatMap { document in
      // Few contents, so that repetitions and returns are frequent.
      (1...12).map { revision in
        Keystroke(document: "doc\(document)", revision: revision * 3, content: "text \(random.next() % 3)")
      }
    }
    var arrivals = keystrokes + keystrokes.filter { _ in random.next() % 3 == 0 }
    for index in arrivals.indices { arrivals.swapAt(index, Int(random.next() % UInt64(arrivals.count))) }
    let lanes = (0..<8).map { lane in arrivals.enumerated().filter { $0.offset % 8 == lane }.map(\.element) }
    try await Desk.open(seed: random.seed) { desk async throws in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for lane in lanes {
          group.addTask {
            for save in lane { try await desk.save(save.revision, save.content, of: save.document) }
          }
        }
        try await group.waitForAll()
      }
      for saves in Dictionary(grouping: keystrokes, by: \.document).values { try await check(saves, on: desk) }
      #expect(try await desk.contents == Set(keystrokes.map(\.content)).count)
    }
  }

  private func check(_ saves: [Keystroke], on desk: Desk) async throws {
    let saves = saves.sorted { $0.revision < $1.revision }
    let (document, last) = (try #require(saves.first?.document), try #require(saves.last))
    let head = try await desk.save(last.revision, last.content, of: document)["head"]
    #expect(head == .integer(Int64(last.revision)))
    let history = try await desk.shelf.history(of: document, tenant: "acme", before: nil, limit: 100)
    var expected: [Int] = []
    var previous: String?
    for save in saves {
      if save.content != previous { expected.insert(save.revision, at: 0) }
      previous = save.content
      #expect(try await desk.text(save.revision, document) == save.content)
    }
    #expect(history.map(\.number) == expected)
    #expect(zip(history, history.dropFirst()).allSatisfy { $0.contentHash != $1.contentHash })
  }
}
