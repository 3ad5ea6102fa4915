import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Writes that pile up share a commit", .timeLimit(.minutes(5)))
struct GroupCommitTests {
  private struct ChangeOfMind: Error {}

  @Test("One that fails in a shared transaction undoes only itself")
  func undoesOnlyTheFailed() async throws {
    try await Notebook.open { notebook async throws in
      try await notebook.withDatabase { database async throws in
        let (busy, last) = (ThreadGate(), ThreadGate())
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addImmediateTask { try await database.write { _ in busy.hold() } }
          await busy.waitUntilHeld()
          group.addImmediateTask { try await database.note(1) }
          group.addImmediateTask {
            let error = await #expect(throws: DriverError.self) {
              try await database.write { transaction in
                try transaction.note(2)
                throw ChangeOfMind()
              }
            }
            #expect(error?.kind == .refused)
            #expect(error?.code == "transaction_refused")
          }
          group.addImmediateTask {
            try await database.write { transaction in
              #expect(try transaction.notes == [1])
              try transaction.note(3)
              last.hold()
            }
          }
          busy.open()
          await last.waitUntilHeld()
          #expect(try await database.notes == [], "The first write waits for the commit that it shares.")
          last.open()
          try await group.waitForAll()
        }
        #expect(try await database.notes == [1, 3])
      }
    }
  }

  @Test("One that breaks a constraint is refused, with its statements before that")
  func undoesAViolation() async throws {
    try await Notebook.open { notebook async throws in
      try await notebook.withDatabase { database async throws in
        try await database.note(1)
        let error = await #expect(throws: DriverError.self) {
          try await database.write { transaction in
            try transaction.note(2)
            try transaction.note(1)
          }
        }
        #expect(error?.kind == .refused)
        #expect(error?.code == "sqlite_refused")
        #expect(try await database.notes == [1])
      }
    }
  }

  @Test("Nobody is told of success before the commit, and nobody of a commit that failed")
  func tellsAllOfAFailedCommit() async throws {
    try await Notebook.open { notebook async throws in
      try await notebook.withDatabase { database async throws in
        let busy = ThreadGate()
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addImmediateTask { try await database.write { _ in busy.hold() } }
          await busy.waitUntilHeld()
          group.addImmediateTask { await Self.expectFailure { try await database.note(1) } }
          // Rolls the shared transaction back as SQLite does by itself when the disk is full.
          group.addImmediateTask {
            await Self.expectFailure { try await database.write { _ = try $0.run("ROLLBACK") } }
          }
          group.addImmediateTask { await Self.expectFailure { try await database.note(2) } }
          busy.open()
          try await group.waitForAll()
        }
        #expect(try await database.notes == [])
        try await database.note(3)
        #expect(try await database.notes == [3])
      }
    }
  }

  private static func expectFailure(_ body: () async throws -> Void) async {
    let error = await #expect(throws: DriverError.self) { try await body() }
    #expect(error?.isTransient == true, "\(String(describing: error))")
  }
}
