import RedisDriver
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Dead letters of an event stream", .timeLimit(.minutes(5)))
struct StreamDeadLetterTests {
  @Test("They keep all that the entry held, whatever its bytes, and go back as they were")
  func keepsBytes() async throws {
    let bench = try await StreamBench()
    try await bench.add(1, #"'event', '\255\0{', 'code', 'mine', 'event', 'again'"#)
    let fields = [
      StreamField(name: "event", value: [255, 0, 0x7B]), StreamField(name: "code", value: Array("mine".utf8)),
      StreamField(name: "event", value: Array("again".utf8)),
    ]
    try await bench.with { stream in
      let batch = try await stream.take(limit: 1)
      #expect(batch.entries.map(\.content) == [.fields(fields)])
      #expect(try await stream.settle(batch.refused("wrong_fields")) == StreamSettling(buried: 1, held: 0))
      #expect(try await bench.length() == "0")
      try await bench.withDeadLetters { letters in
        let page = try await letters.page(limit: 9)
        let letter = try #require(page.letters.first)
        #expect(page.last == letter.id)
        #expect(letter.entry == batch.ids[0])
        #expect(letter.refusal == StreamRefusal("wrong_fields", "It is bad."))
        #expect(letter.size == 26)
        #expect(letter.refusedAt.milliseconds > 1_700_000_000_000)
        let found = try #require(try await letters.letter(letter.id))
        #expect(found.letter == letter)
        #expect(found.fields == fields)
        #expect(try await letters.replay([letter.id, "1-1"]) == [.replayed, .missing])
        #expect(try await letters.replay([letter.id]) == [.missing])
        #expect(try await letters.letter(letter.id) == nil)
      }
      let again = try await stream.take(limit: 1)
      #expect(again.entries.map(\.content) == [.fields(fields)])
      #expect((again.waiting, again.dead) == (1, 0))
      _ = try await stream.settle(again.recorded)
    }
  }

  @Test("Another event can take the place of one, and one can be removed for good; pages follow each other")
  func replaces() async throws {
    let bench = try await StreamBench()
    try await bench.add(5, "'event', n")
    try await bench.with { stream in
      _ = try await stream.settle(try await stream.take(limit: 5).refused())
      try await bench.withDeadLetters { letters in
        let first = try await letters.page(limit: 3)
        let rest = try await letters.page(after: first.letters[2].id, limit: 3)
        let ids = (first.letters + rest.letters).map(\.id)
        #expect(ids.count == 5 && ids == ids.sorted())
        #expect(first.last == ids[4] && rest.last == ids[4])
        #expect(try await letters.replay(ids[0], as: ["id": "mended"]) == .replayed)
        #expect(try await letters.replay("1-1", as: [:]) == .missing)
        #expect(try await letters.discard([ids[1], ids[2], "1-1"]) == 2)
        #expect(try await letters.page(limit: 9).letters.map(\.id) == Array(ids[3...]))
      }
      let mended = try await stream.take(limit: 5)
      #expect(
        mended.entries.map(\.content) == [.fields([StreamField(name: "event", value: Array(#"{"id":"mended"}"#.utf8))])]
      )
      #expect(mended.dead == 2)
    }
  }

  @Test("Where there is no room for more, what is refused stays in the stream, and what is good leaves it")
  func holdsWhenFull() async throws {
    let bench = try await StreamBench()
    try await bench.add(4, "'event', n")
    try await bench.with(RedisStreamBounds(claimAfter: .zero, deadLetters: 2)) { stream in
      let batch = try await stream.take(limit: 4)
      let verdicts = batch.refused()[..<3] + batch.recorded[3...]
      #expect(try await stream.settle(Array(verdicts)) == StreamSettling(buried: 2, held: 1))
      #expect(try await bench.length() == "1")
      let held = try await stream.take(limit: 4)
      #expect(held.ids == [batch.ids[2]])
      #expect(held.dead == 2)
      #expect(try await stream.settle(held.refused()) == StreamSettling(buried: 0, held: 1))
      try await bench.withDeadLetters { letters in
        let ids = try await letters.page(limit: 9).letters.map(\.id)
        #expect(try await letters.discard([ids[0]]) == 1)
      }
      #expect(try await stream.settle(held.refused()) == StreamSettling(buried: 1, held: 0))
      #expect(try await bench.length() == "0")
    }
  }

  @Test("An entry with thousands of fields does not hold up the others")
  func packsManyFields() async throws {
    let bench = try await StreamBench()
    var words: [String] = []
    for number in 0..<5000 { words += ["f\(number)", "v"] }
    try await bench.server.command(["XADD", bench.keys.stream, "*"] + words)
    try await bench.with { stream in
      let batch = try await stream.take(limit: 1)
      #expect(try await stream.settle(batch.refused()) == StreamSettling(buried: 1, held: 0))
      try await bench.withDeadLetters { letters in
        let letter = try #require(try await letters.page(limit: 1).letters.first)
        #expect(letter.refusal.code == "too_many_fields")
        #expect(letter.size > 25_000)
        #expect(try await letters.replay([letter.id]) == [.tooManyFields])
        #expect(try await letters.replay(letter.id, as: ["id": "mended"]) == .replayed)
        let rest = try await letters.page(limit: 1)
        #expect(rest.letters.isEmpty && rest.last == nil)
      }
    }
  }
}
