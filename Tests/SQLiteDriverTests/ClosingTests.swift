import Foundation
import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Closing a database", .timeLimit(.minutes(5)))
struct ClosingTests {
  @Test("What was asked before is finished, and what is asked later is answered")
  func finishesWhatWasAsked() async throws {
    try await Notebook.open { notebook async throws in
      let database = try await notebook.database()
      let busy = ThreadGate()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addImmediateTask { try await database.write { _ in busy.hold() } }
        await busy.waitUntilHeld()
        for number in 0..<20 { group.addImmediateTask { try await database.note(number) } }
        group.addImmediateTask { await database.close() }
        busy.open()
        try await group.waitForAll()
      }
      for ask in [{ try await database.note(99) }, { _ = try await database.notes }] {
        let error = await #expect(throws: DriverError.self) { try await ask() }
        #expect(error?.kind == .closed)
      }
      await database.close()
      try await notebook.expectNotes(Array(0..<20))
    }
  }

  @Test("The log is folded into the file, which then can be copied alone")
  func foldsTheLog() async throws {
    try await Notebook.open { notebook async throws in
      try await notebook.withDatabase { try await $0.note(1) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: notebook.folder) == ["notes.db"])
      let copy = Notebook(folder: "\(notebook.folder)/copy")
      try FileManager.default.createDirectory(atPath: copy.folder, withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: notebook.path, toPath: copy.path)
      try await copy.expectNotes([1])
    }
  }

  @Test("A database that nobody closed gives its files back when it is let go of")
  func letsGo() async throws {
    try await Notebook.open { notebook async throws in
      try await Self.use(notebook)
      while try Self.openFiles(in: notebook.folder) > 0 {
        try Task.checkCancellation()
        await Task.yield()
      }
    }
  }

  private static func use(_ notebook: Notebook) async throws {
    let database = try await notebook.database()
    try await database.note(1)
    #expect(try await database.notes == [1])
    #expect(try openFiles(in: notebook.folder) > 0)
  }

  private static func openFiles(in folder: String) throws -> Int {
    let table = "/proc/self/fd"
    return try FileManager.default.contentsOfDirectory(atPath: table).count { number in
      // A descriptor that was closed meanwhile has no destination any more.
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(table)/\(number)"))?.hasPrefix(folder) == true
    }
  }
}
