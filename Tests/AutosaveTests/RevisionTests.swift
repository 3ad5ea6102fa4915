import AutosaveWorker
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Which saves become revisions", .timeLimit(.minutes(5)))
struct RevisionTests {
  @Test("The same content twice in a row makes no second revision, and can be read under both numbers")
  func keepsNoRepetition() async throws {
    try await Desk.open { desk async throws in
      #expect(try await desk.save(1, "A")["stored"] == true)
      let second = try await desk.save(2, "A")
      #expect(second["stored"] == false)
      #expect(second["head"] == 2)
      #expect(try await desk.history() == [1])
      #expect(try await desk.text(1) == "A")
      #expect(try await desk.text(2) == "A", "The head can be read.")
    }
  }

  @Test("A, B, A makes three revisions of two contents")
  func keepsAReturn() async throws {
    try await Desk.open { desk async throws in
      for (number, text) in [(1, "A"), (2, "B"), (3, "A")] {
        #expect(try await desk.save(number, text)["stored"] == true)
      }
      #expect(try await desk.history() == [3, 2, 1])
      #expect(try await desk.contents == 2)
      #expect(try await desk.text(3) == "A")
    }
  }

  @Test("A late older revision is put in its place, and the head stays")
  func ordersByNumber() async throws {
    try await Desk.open { desk async throws in
      try await desk.save(5, "five")
      let late = try await desk.save(3, "three")
      #expect(late["head"] == 5)
      #expect(late["stored"] == true)
      try await desk.save(4, "four")
      #expect(try await desk.history() == [5, 4, 3])
    }
  }

  @Test("Late saves come to the same as those in order", arguments: [[1, 2, 3], [1, 3, 2], [3, 2, 1], [3, 1, 2]])
  func orderOfArrivalDoesNotMatter(order: [Int]) async throws {
    try await Desk.open { desk async throws in
      for number in order { try await desk.save(number, number == 2 ? "B" : "A") }
      #expect(try await desk.history() == [3, 2, 1], "The return to A at 3 is no repetition once B is known.")
      #expect(try await desk.text(3) == "A")
    }
  }

  @Test("The same save delivered again changes nothing")
  func isIdempotent() async throws {
    try await Desk.open { desk async throws in
      let lease = try await desk.lease()
      let first = try await desk.save(1, "A", under: lease)
      let again = try await desk.save(1, "A", under: lease)
      #expect(again["head"] == first["head"] && again["content_hash"] == first["content_hash"])
      try await desk.save(2, "B")
      #expect(try await desk.save(1, "A")["head"] == 2)
      #expect(try await desk.history() == [2, 1])
      #expect(try await desk.contents == 2)
    }
  }

  @Test("Other content under a number that is taken is a conflict, and nothing is kept of it")
  func refusesConflicts() async throws {
    try await Desk.open { desk async throws in
      try await desk.save(1, "A")
      try await desk.save(2, "A")
      try await desk.save(3, "B")
      // The content of a neighbour is other content all the same.
      for number in [1, 2] {
        let failure = await desk.refusal(number, "B")
        #expect(failure?.code == "revision_conflict")
        #expect(failure?.kind == .permanent)
        #expect(failure?.fields == ["revision": String(number)])
        #expect(try await desk.text(number) == "A")
      }
      #expect(await desk.refusal(3, "C")?.code == "revision_conflict")
      #expect(try await desk.contents == 2)
    }
  }

  @Test("Tenants and documents do not see each other")
  func keepsApart() async throws {
    try await Desk.open { desk async throws in
      try await desk.save(1, "mine")
      try await desk.save(1, "theirs", tenant: "other")
      try await desk.save(1, "second", of: "doc2")
      #expect(try await desk.text(1) == "mine")
      #expect(try await desk.text(1, tenant: "other") == "theirs")
      #expect(try await desk.text(1, "doc2", tenant: "other") == nil)
      #expect(try await desk.history("doc2", tenant: "other") == [])
      #expect(try await desk.history(tenant: "nobody") == [])
      try await desk.save(2, "theirs")
      #expect(try await desk.contents == 4, "Not even equal contents are shared between tenants.")
    }
  }

  @Test("The greatest number that there is counts like any other")
  func keepsTheGreatestNumber() async throws {
    try await Desk.open { desk async throws in
      try await desk.save(0, "first")
      #expect(try await desk.save(.max, "last")["head"] == .integer(.max))
      #expect(try await desk.history() == [.max, 0])
    }
  }

  @Test("The history is read page by page, across repetitions")
  func pages() async throws {
    try await Desk.open { desk async throws in
      for number in 1...20 { try await desk.save(number, "text \(number / 2)") }
      let whole = try await desk.history()
      #expect(whole == [20] + stride(from: 18, through: 2, by: -2) + [1])
      var (pages, before): ([[Int]], Int?) = ([], nil)
      repeat {
        let page = try await desk.shelf.history(of: "doc", tenant: "acme", before: before, limit: 4).map(\.number)
        pages.append(page)
        before = page.last
      } while before != nil
      #expect(pages.map(\.count) == [4, 4, 3, 0])
      #expect(pages.flatMap { $0 } == whole)
    }
  }

  @Test("The history says when, how large and which content")
  func describes() async throws {
    try await Desk.open { desk async throws in
      let output = try await desk.save(1, "abc")
      let revision = try #require(try await desk.shelf.history(of: "doc", tenant: "acme", before: nil, limit: 1).first)
      // FIPS 180-4's example.
      #expect(revision.contentHash == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
      #expect(output["content_hash"] == .string(revision.contentHash))
      #expect(revision.bytes == 3)
      #expect(output["stored_bytes"] == .integer(Int64(revision.storedBytes)))
      #expect(revision.savedAt == desk.time.now)
    }
  }
}
