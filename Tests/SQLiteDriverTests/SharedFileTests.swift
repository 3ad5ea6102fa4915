import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("One file, several writers", .timeLimit(.minutes(5)))
struct SharedFileTests {
  @Test("Two databases write at once without a busy error, and nothing is lost")
  func writeAtOnce() async throws {
    try await Notebook.open { notebook async throws in
      try await notebook.withDatabase { first async throws in
        try await first.write { transaction in
          try transaction.run("CREATE TABLE counter (value INTEGER)")
          try transaction.run("INSERT INTO counter VALUES (0)")
        }
        try await notebook.withDatabase { second async throws in
          try await withThrowingTaskGroup(of: Void.self) { group in
            for (offset, database) in [first, second].enumerated() {
              for task in 0..<8 {
                group.addTask {
                  for step in 0..<25 { try await Self.count(on: database, (offset * 8 + task) * 25 + step) }
                }
              }
            }
            try await group.waitForAll()
          }
          #expect(try await first.notes == Array(0..<400))
          #expect(try await second.read { try $0.rows("SELECT value FROM counter") } == [[.integer(400)]])
        }
      }
    }
  }

  private static func count(on database: SQLiteDatabase, _ number: Int) async throws {
    try await database.write { transaction in
      // Read first and write then: what would be lost if two transactions did it at once.
      guard case .integer(let value)? = try transaction.rows("SELECT value FROM counter").first?.first else { return }
      try transaction.run("UPDATE counter SET value = ?1", .integer(value + 1))
      try transaction.note(number)
    }
  }

  @Test("Many open a new file at once, and one of them makes its tables")
  func openAtOnce() async throws {
    for _ in 0..<20 {
      try await Notebook.open { notebook async throws in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for number in 0..<4 {
            group.addTask { try await notebook.withDatabase { try await $0.note(number) } }
          }
          try await group.waitForAll()
        }
        try await notebook.expectNotes([0, 1, 2, 3])
      }
    }
  }

  @Test("A foreign writer that does not end makes the database unavailable, for that long")
  func waitsAWhile() async throws {
    try await Notebook.open { notebook async throws in
      try await notebook.withDatabase { database async throws in
        try await notebook.withDatabase { foreign async throws in
          let gate = ThreadGate()
          async let held: Void = foreign.write { transaction in
            try transaction.note(1)
            gate.hold()
          }
          await gate.waitUntilHeld()
          let error = await #expect(throws: DriverError.self) { try await database.note(2) }
          #expect(error?.kind == .unavailable)
          #expect(error?.code == "sqlite_busy")
          #expect(try await database.notes == [], "A reader does not wait for a writer.")
          gate.open()
          try await held
          try await database.note(3)
          #expect(try await database.notes == [1, 3])
        }
      }
    }
  }
}
