import FoundationEssentials
import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Two hosts")
struct SharingTests {
  @Test("Two hosts on one file share five hundred jobs, each run exactly once", .timeLimit(.minutes(5)))
  func share() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // Nobody goes on before both hosts have work.
    let (first, second) = (Gate(), Gate())
    let one = try HostFixture(sharing: "\(folder)/millrace.db", seed: 1) { _, value in
      first.open()
      try await second.pass()
      return value
    }
    let other = try HostFixture(sharing: "\(folder)/millrace.db", seed: 2, time: one.time) { _, value in
      second.open()
      try await first.pass()
      return value
    }
    try await one.emit(500)
    try await one.withHost(id: "host-1", concurrency: 16, closing: false, gates: [first, second]) { _ in
      try await other.withHost(id: "host-2", concurrency: 16, closing: false, gates: [first, second]) { _ in
        try await one.whileTimePasses {
          while try await !one.jobs().allSatisfy({ !$0.standing.state.isLive }) { await Task.yield() }
        }
      }
    }
    let (mine, theirs) = (one.script.calls.map(\.job), other.script.calls.map(\.job))
    #expect(!mine.isEmpty && !theirs.isEmpty)
    #expect(mine.count + theirs.count == 500)
    #expect(Set(mine + theirs).count == 500)
    #expect(try await one.jobs().allSatisfy { $0.standing.state == .succeeded && $0.standing.attempts == 1 })
    #expect(try await one.pair.queue.depths() == [])
    await one.pair.close()
    await other.pair.close()
  }
}
