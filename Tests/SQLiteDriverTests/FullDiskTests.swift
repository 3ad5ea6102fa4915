import Foundation
import SQLiteDriver
import TestDisk
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A disk without room", .timeLimit(.minutes(5)), .serialized)
struct FullDiskTests {
  @Test(
    "Nothing that was answered is lost, and writing goes on when there is room",
    .enabled("A small disk can be mounted only by root.") { try await SmallDisk.isPossible })
  func survives() async throws {
    try await SmallDisk.mount(mebibytes: 4) { folder async throws in
      let notebook = Notebook(folder: folder)
      let ballast = URL(filePath: "\(folder)/ballast")
      try Data(count: 1 << 20).write(to: ballast)
      var kept: [Int] = []
      try await notebook.withDatabase { database async throws in
        var answered: [Int] = []
        let error = await #expect(throws: DriverError.self) {
          for number in 0..<1000 {
            try await database.note(number, [UInt8](repeating: 7, count: 30_000))
            answered.append(number)
          }
        }
        #expect(error?.kind == .full, "\(String(describing: error))")
        #expect(error?.code == "sqlite_full")
        #expect(answered.count > 10)
        #expect(try await database.notes == answered)
        try FileManager.default.removeItem(at: ballast)
        for number in 2000..<2010 { try await database.note(number, [UInt8](repeating: 7, count: 30_000)) }
        kept = answered + Array(2000..<2010)
        #expect(try await database.notes == kept)
      }
      try await notebook.expectNotes(kept)
    }
  }

  @Test(
    "A change larger than the disk is undone, and what shared its transaction says so too",
    .enabled("A small disk can be mounted only by root.") { try await SmallDisk.isPossible })
  func undoesAll() async throws {
    try await SmallDisk.mount(mebibytes: 8) { folder async throws in
      try await Notebook(folder: folder).withDatabase { database async throws in
        try await database.note(0)
        let busy = ThreadGate()
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addImmediateTask { try await database.write { _ in busy.hold() } }
          await busy.waitUntilHeld()
          for numbers in [1..<2, 2..<2000, 2000..<2001] {
            group.addImmediateTask {
              let error = await #expect(throws: DriverError.self) {
                // More than the page cache holds, so that the disk is full before the commit.
                try await database.write { transaction in
                  for number in numbers { try transaction.note(number, [UInt8](repeating: 7, count: 30_000)) }
                }
              }
              #expect(error?.kind == .full, "\(String(describing: error))")
            }
          }
          busy.open()
          try await group.waitForAll()
        }
        #expect(try await database.notes == [0])
        try await database.note(1)
        #expect(try await database.notes == [0, 1])
      }
    }
  }
}
