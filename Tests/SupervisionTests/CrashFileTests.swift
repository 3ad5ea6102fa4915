import Foundation
import SupervisionDriver
import Testing
import WorkerKit

@Suite("The file of deaths", .timeLimit(.minutes(5)))
struct CrashFileTests {
  private func withFile(_ body: (CrashFile) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "crashes-\(UUID().uuidString)").path
    try await body(CrashFile(path: path))
    try? FileManager.default.removeItem(atPath: path)
    try? FileManager.default.removeItem(atPath: "\(path).lock")
  }

  @Test("keeps what several writers add, line by line")
  func appends() async throws {
    try await withFile { file in
      #expect(file.records() == [])
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<50 {
          let writer = CrashFile(path: file.path)
          group.addTask { try await writer.append(["number": .integer(Int64(number))]) }
        }
        try await group.waitForAll()
      }
      #expect(Set(file.records()).count == 50)
    }
  }

  @Test("stays under its bound, and keeps the newest")
  func halves() async throws {
    try await withFile { file in
      let filler = JSON.string(String(repeating: "x", count: 40_000))
      for number in 0..<60 { try await file.append(["number": .integer(Int64(number)), "filler": filler]) }
      let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int
      #expect(try #require(size) <= CrashFile.limit)
      let numbers = file.records().compactMap { $0["number"] }
      #expect(numbers.last == 59)
      #expect(numbers.count >= 12)
      #expect(numbers == (60 - numbers.count..<60).map { .integer(Int64($0)) })
    }
  }

  @Test("a line that cannot be read does not hide the others")
  func skips() async throws {
    try await withFile { file in
      try Data("half a li\n".utf8).write(to: URL(filePath: file.path))
      try await file.append(["number": 1])
      #expect(file.records() == [["number": 1]])
    }
  }

  @Test("a folder that is not there is a failure that names the file")
  func unwritable() async throws {
    let failure = await #expect(throws: Failure.self) { try await CrashFile(path: "/nowhere/crashes").append(1) }
    #expect(failure?.fields["path"] == "/nowhere/crashes")
  }
}
