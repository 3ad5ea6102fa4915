import AutosaveWorker
import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Contents of revisions", .timeLimit(.minutes(5)))
struct ContentTests {
  @Test(
    "A text comes back byte for byte",
    arguments: [
      "", " ", "Once upon a time", "🐈‍⬛ naïve \u{301} \r\n\t tab", "\u{1}\u{7f}\u{85}\u{feff}\u{fffd}\u{10ffff}",
      "\"{}\\",
      String((1...0x2fff).compactMap { Unicode.Scalar($0) }.map { Character($0) }), "with \0 in it",
    ])
  func keepsTexts(text: String) async throws {
    try await Desk.open { desk async throws in
      let output = try await desk.save(1, text)
      #expect(output["bytes"] == .integer(Int64(text.utf8.count)))
      #expect(try await desk.shelf.content(of: "doc", revision: 1, tenant: "acme") == Array(text.utf8))
    }
  }

  @Test("Texts that Swift holds equal are two contents where their bytes differ")
  func tellsBytesApart() async throws {
    try await Desk.open { desk async throws in
      try await desk.save(1, "caf\u{e9}")
      #expect(try await desk.save(2, "cafe\u{301}")["stored"] == true)
      #expect(try await desk.shelf.content(of: "doc", revision: 2, tenant: "acme") == Array("cafe\u{301}".utf8))
    }
  }

  @Test("A value comes back as compact JSON")
  func keepsValues() async throws {
    let values: [JSON] = [
      ["title": "Once", "pages": [1, 2.5, true, .null], "deep": ["🐈": [:]]], [], [:], 0, -1.5, false,
    ]
    try await Desk.open { desk async throws in
      for (index, value) in values.enumerated() {
        let number = JSON.integer(Int64(index))
        _ = try await desk.save(["document": "doc", "revision": number, "content": value])
        let bytes = try #require(try await desk.shelf.content(of: "doc", revision: index, tenant: "acme"))
        #expect(bytes == value.bytes())
        #expect(try JSONReader.parse(bytes) == value)
      }
      #expect(try await desk.shelf.content(of: "doc", revision: values.count, tenant: "acme") == nil)
    }
  }

  @Test("What repeats itself takes little room")
  func compresses() async throws {
    try await Desk.open { desk async throws in
      let text = String(repeating: "All work and no play makes Jack a dull boy.\n", count: 4600)
      try #require(text.utf8.count > 200_000)
      let output = try await desk.save(1, text)
      let revision = try #require(try await desk.shelf.history(of: "doc", tenant: "acme", before: nil, limit: 1).first)
      #expect(revision.bytes == text.utf8.count)
      #expect((1..<10_000).contains(revision.storedBytes))
      #expect(output["stored_bytes"] == .integer(Int64(revision.storedBytes)))
      #expect(try await desk.text(1) == text)
    }
  }

  @Test("A content that was damaged on disk is an error, and not another content")
  func tellsDamage() async throws {
    try await Desk.open { desk async throws in
      try await desk.save(1, String(repeating: "All work and no play. ", count: 100))
      try await desk.embedded.database.write { transaction in
        _ = try transaction.run(
          "UPDATE autosave_contents SET body = CAST(substr(body, 1, length(body) - 6) || x'000000000000' AS BLOB)")
      }
      let error = await #expect(throws: DriverError.self) { try await desk.text(1) }
      #expect(error?.code == "revision_unreadable")
      #expect(error?.kind == .damaged)
    }
  }
}
