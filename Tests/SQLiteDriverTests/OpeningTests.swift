import Foundation
import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Opening what is no good database", .timeLimit(.minutes(5)))
struct OpeningTests {
  @Test("A file that a newer version has written is refused")
  func refusesNewerSchema() async throws {
    try await Notebook.open { notebook async throws in
      try await notebook.withDatabase { database async throws in
        try await database.write { _ = try $0.run("PRAGMA user_version = 9999") }
      }
      let before = try notebook.content
      let error = #expect(throws: DriverError.self) { try SQLiteDatabase(path: notebook.path) }
      #expect(error?.code == "schema_too_new")
      #expect(error?.kind == .damaged)
      #expect(error?.detail.contains("9999") == true)
      #expect(try notebook.content == before)
    }
  }

  @Test("A file with the tables of before the first release is refused, and left as it was")
  func refusesOlderSchema() async throws {
    try await Notebook.open { notebook async throws in
      try await notebook.withDatabase { database async throws in
        try await database.write { _ = try $0.run("PRAGMA user_version = 1") }
      }
      let before = try notebook.content
      let error = #expect(throws: DriverError.self) { try SQLiteDatabase(path: notebook.path) }
      #expect(error?.code == "schema_too_old")
      #expect(error?.kind == .damaged)
      #expect(try notebook.content == before)
    }
  }

  @Test("A folder that is missing, a file in its place, and a folder in the file's place are named")
  func namesThePath() async throws {
    try await Notebook.open { notebook async throws in
      try Data("a file".utf8).write(to: URL(filePath: "\(notebook.folder)/file"))
      for path in ["\(notebook.folder)/none/notes.db", "\(notebook.folder)/file/notes.db", notebook.folder] {
        let error = #expect(throws: DriverError.self) { try SQLiteDatabase(path: path) }
        #expect(error?.code == "sqlite_open")
        #expect(error?.kind == .unavailable)
        #expect(error?.detail.contains(path) == true, "\(String(describing: error))")
      }
    }
  }

  @Test("What cannot have a log, like a database in memory, is refused")
  func refusesWithoutLog() {
    let error = #expect(throws: DriverError.self) { try SQLiteDatabase(path: ":memory:") }
    #expect(error?.code == "sqlite_no_log")
  }

  @Test("Random bytes are damage, whatever their number", arguments: [2, 99, 100, 512, 4096, 50_000])
  func refusesRandomBytes(count: Int) async throws {
    let random = SeededRandom(seed: .random(in: .min ... .max))
    try await Notebook.open { notebook async throws in
      let bytes = Data((0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) })
      try notebook.replaceContent(with: bytes)
      let error = #expect(throws: DriverError.self, "seed \(random.seed)") { try SQLiteDatabase(path: notebook.path) }
      #expect(error?.kind == .damaged, "seed \(random.seed): \(String(describing: error))")
      #expect(try notebook.content == bytes, "What may be mended is left as it was; seed \(random.seed)")
    }
  }

  @Test("A file that was cut off is damage", arguments: [2, 50, 100, 1000, 4096, 5000, 40_000, 90_000])
  func refusesTruncated(count: Int) async throws {
    try await Notebook.open { notebook async throws in
      try await notebook.withDatabase { database async throws in
        for number in 0..<10 { try await database.note(number, [UInt8](repeating: 7, count: 10_000)) }
      }
      let whole = try notebook.content
      try #require(whole.count > count)
      try notebook.replaceContent(with: whole.prefix(count))
      let error = #expect(throws: DriverError.self) { try SQLiteDatabase(path: notebook.path) }
      #expect(error?.kind == .damaged, "\(String(describing: error))")
    }
  }

  @Test("Flipped bytes lead to an answer or to an error, and never to a crash")
  func survivesFlippedBytes() async throws {
    let random = SeededRandom(seed: .random(in: .min ... .max))
    try await Notebook.open { notebook async throws in
      try await notebook.withDatabase { database async throws in
        for number in 0..<10 { try await database.note(number, [UInt8](repeating: 7, count: 3000)) }
      }
      let whole = try notebook.content
      for _ in 0..<100 {
        var bytes = whole
        for _ in 0..<20 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
        try notebook.replaceContent(with: bytes)
        do throws(DriverError) {
          let embedded = try SQLiteEmbedded(path: notebook.path, environment: .test(seed: random.seed))
          let result = await Self.use(embedded)
          await embedded.database.close()
          try result.get()
        } catch {
          #expect(!error.message.isEmpty && error.kind != .closed, "seed \(random.seed): \(error)")
        }
      }
    }
  }

  private static func use(_ embedded: SQLiteEmbedded) async -> Result<Void, DriverError> {
    do throws(DriverError) {
      _ = try await embedded.database.notes
      _ = try await embedded.queue.depths()
      _ = try await embedded.store.epoch()
      try await embedded.store.probe()
      try await embedded.database.note(100)
      return .success(())
    } catch { return .failure(error) }
  }
}
