import AutosaveWorker
import PostgreSQLDriver
import Testing
import WorkerKit

@Suite("Revisions in PostgreSQL", .timeLimit(.minutes(5)))
struct PostgresShelfTests {
  @Test("The newest is the one with the greatest number, and the same content beside it is no revision")
  func keeps() async throws {
    try await PostgresPlace.with { place in
      #expect(try await place.save(3, "C") == SaveReceipt(isStored: true, head: 3))
      #expect(try await place.save(1, "A") == SaveReceipt(isStored: true, head: 3))
      #expect(try await place.save(2, "A") == SaveReceipt(isStored: false, head: 3))
      #expect(try await place.save(3, "C") == SaveReceipt(isStored: false, head: 3))
      let all = try await place.shelf.history(of: "doc", tenant: "acme", before: nil, limit: 10)
      #expect(all.map(\.number) == [3, 1])
      let older = try await place.shelf.history(of: "doc", tenant: "acme", before: 3, limit: 10)
      #expect(older.map(\.number) == [1] && older.first?.bytes == 1)
      #expect(try await place.shelf.history(of: "doc", tenant: "other", before: nil, limit: 10).isEmpty)
      #expect(try await place.shelf.content(of: "doc", revision: 2, tenant: "acme") == Array("A".utf8))
      #expect(try await place.shelf.content(of: "doc", revision: 4, tenant: "acme") == nil)
    }
  }

  @Test("Other content under a number that is taken is a conflict, and one without authority keeps nothing")
  func refuses() async throws {
    try await PostgresPlace.with { place in
      let authority = try await place.authority()
      _ = try await place.save(1, "A", by: authority)
      let conflict = await #expect(throws: Failure.self) { try await place.save(1, "B") }
      #expect(conflict?.code == "revision_conflict" && conflict?.kind == .permanent)
      let settlement = Settlement(
        authority: authority, outcome: .succeeded(output: Array("{}".utf8), artifacts: []), host: "host",
        startedAt: nil)
      #expect(try await place.store.settle([settlement]) { _ in RunPlan(state: .succeeded) }.answers == [.settled])
      let lost = await #expect(throws: Failure.self) { try await place.save(2, "C", by: authority) }
      #expect(lost?.code == "authority_lost" && lost?.kind == .transient)
      #expect(try await place.shelf.content(of: "doc", revision: 2, tenant: "acme") == nil)
    }
  }

  @Test("Saves of one document at once leave what they would have left one after the other")
  func savesAtOnce() async throws {
    try await PostgresPlace.with { place in
      var authorities: [Authority] = []
      for _ in 1...24 { authorities.append(try await place.authority()) }
      try await withThrowingTaskGroup(of: Void.self) { saves in
        for (index, authority) in authorities.enumerated() {
          saves.addTask { _ = try await place.save(index + 1, "Content \(index / 3)", by: authority) }
        }
        try await saves.waitForAll()
      }
      let all = try await place.shelf.history(of: "doc", tenant: "acme", before: nil, limit: 100)
      #expect(all.map(\.number) == stride(from: 22, through: 1, by: -3).map { $0 })
    }
  }
}
