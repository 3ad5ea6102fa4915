import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A file of before there were lanes", .timeLimit(.minutes(5)))
struct OlderFileTests {
  @Test("What waits in it and what is leased is there when it is opened, and goes on by turns")
  func keepsItsEntries() async throws {
    try await LaneFile.open { file async throws in
      let busy = try await file.arrive(20, tenant: "busy")
      let quiet = try await file.arrive(2, tenant: "quiet", stage: "other")
      let leased = try await file.lease(2)
      let failure = Failure(.transient, "again", "Again.")
      let retry = Settlement(
        authority: leased[0].authority, outcome: .retry(failure, after: .seconds(60)), host: "host", startedAt: nil)
      _ = try await file.embedded.store.settle([retry]) { _ in RunPlan() }
      try await file.embedded.database.write { try OlderFile.takeLanesAway($0) }
      let opened = try file.other()
      let all = busy + quiet
      let known = try await opened.queue.known(all.map { FencedJob(job: $0, fence: .first) })
      #expect(known.count { $0 == .waiting } == 21, "One of them under its second fence.")
      #expect(known.count { if case .leased = $0 { true } else { false } } == 1)
      #expect(try await opened.queue.depths().map { [$0.waiting, $0.leased] } == [[21, 1]])
      let next = try await opened.queue.lease(
        LeaseRequest(queue: .standard, limit: 3, length: .seconds(15), host: "host", wait: .zero))
      #expect(next.contains { quiet.contains($0.authority.job) })
      file.time.advance(by: .seconds(60))
      let rest = try await opened.queue.lease(
        LeaseRequest(queue: .standard, limit: 99, length: .seconds(15), host: "host", wait: .zero))
      #expect(next.count + rest.count == 21)
      #expect(rest.contains { $0.authority.job == leased[0].authority.job })
      #expect(try await opened.queue.finish([leased[1].authority]) == [.removed])
      await opened.database.close()
    }
  }
}
