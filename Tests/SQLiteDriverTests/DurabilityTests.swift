import Foundation
import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("What a call answered is on disk", .timeLimit(.minutes(5)))
struct DurabilityTests {
  @Test("The file is in write-ahead mode and every commit is synchronised")
  func synchronises() async throws {
    try await Notebook.open { notebook async throws in
      try await notebook.withDatabase { database async throws in
        let settings = try await database.write { transaction in
          try transaction.rows("PRAGMA journal_mode") + transaction.rows("PRAGMA synchronous")
        }
        // https://sqlite.org/pragma.html#pragma_synchronous: 2 is FULL.
        #expect(settings == [[.text("wal")], [.integer(2)]])
      }
    }
  }

  @Test("All that was answered is there after reopening")
  func survivesReopening() async throws {
    try await Notebook.open { notebook async throws in
      try await notebook.withDatabase { database async throws in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for number in 0..<100 { group.addTask { try await database.note(number, [UInt8(number)]) } }
          try await group.waitForAll()
        }
      }
      try await notebook.expectNotes(Array(0..<100))
    }
  }

  @Test("All that was answered is in the files when the process dies at that moment")
  func survivesDying() async throws {
    try await Notebook.open { notebook async throws in
      try await notebook.withDatabase { database async throws in
        for number in 0..<10 {
          try await database.note(number)
          let image = Notebook(folder: "\(notebook.folder)/\(number)")
          try FileManager.default.createDirectory(atPath: image.folder, withIntermediateDirectories: true)
          // What a process that is killed leaves behind: the file and its log, and no orderly end.
          for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: notebook.path + suffix, toPath: image.path + suffix)
          }
          try await image.expectNotes(Array(0...number))
        }
      }
    }
  }

  @Test("A reader sees what is committed, and one state throughout")
  func readsOneState() async throws {
    try await Notebook.open { notebook async throws in
      try await notebook.withDatabase { database async throws in
        let (writing, reading) = (ThreadGate(), ThreadGate())
        async let written: Void = database.write { transaction in
          try transaction.note(1)
          writing.hold()
        }
        await writing.waitUntilHeld()
        #expect(try await database.notes == [])
        async let seen = database.read { transaction in
          let before = try transaction.notes
          reading.hold()
          return [before, try transaction.notes]
        }
        await reading.waitUntilHeld()
        writing.open()
        try await written
        reading.open()
        #expect(try await seen == [[], []])
        #expect(try await database.notes == [1])
      }
    }
  }

  @Test("A reader cannot write")
  func readerCannotWrite() async throws {
    try await Notebook.open { notebook async throws in
      try await notebook.withDatabase { database async throws in
        let error = await #expect(throws: DriverError.self) { try await database.read { try $0.note(1) } }
        #expect(error?.code == "sqlite_read_only")
        #expect(try await database.notes == [])
      }
    }
  }
}
