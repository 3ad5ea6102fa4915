import Foundation
import HTTPDriver
import TestPostgres
import TestRedis
import Testing
import WorkerKit

/// What is sent by the database and by Redis while a dispatcher takes nothing in.
@Suite("Outbox and event stream of a dispatcher to which too much comes", .timeLimit(.minutes(5)))
struct HeldWiresTests {
  /// Saves that an application emits in its own transaction.
  private static func emitting(_ name: String, _ count: Int) -> String {
    """
    SELECT millrace.emit('DocumentSaved', 't1', '{"revision": 1, "content": "A save."}',
      resource => jsonb_build_object('kind', 'document', 'id', '\(name)-' || n), id => '\(name)-' || n)
    FROM generate_series(1, \(count)) AS n
    """
  }

  @Test("Entries wait where they are until there are workers, and then everything is done once")
  func wait() async throws {
    try await ServerPair.run { pair in
      let dispatcher = try await pair.dispatcher(["--high-water", "1", "--high-water-events", "3"])
      let api = try ServerAPI(dispatcher)
      // A look takes all of them, since none waited before it.
      try await pair.database.psql(Self.emitting("first", 20))
      _ = try await api.poll({ try await api.answer("/health/ready").body.text() }) {
        $0.contains("No events are taken in while 19 wait to be routed, of 3.")
      }
      try await pair.database.psql(Self.emitting("second", 20))
      let saved = Uploads.saved("third", 1).text()
      for _ in 0..<2 { try await pair.redis.command("XADD", "millrace:events", "*", "event", saved) }
      #expect(try await api.post("/v1/events", Uploads.saved("fourth", 1)).status == 429)
      #expect(try await pair.database.psql("SELECT count(*) FROM millrace.outbox") == "20")
      // A read that waited already takes one.
      #expect(try await ["1", "2"].contains(pair.redis.command("XLEN", "millrace:events")))

      let worker = try pair.worker()
      let jobs = try await api.ended(41)
      #expect(jobs.count == 41)
      #expect(jobs.allSatisfy { $0["state"] == "SUCCEEDED" })
      #expect(try await pair.database.psql("SELECT count(*) FROM millrace.outbox") == "0")
      _ = try await api.poll({ try await pair.redis.command("XLEN", "millrace:events") }) { $0 == "0" }
      #expect(try await worker.stop() == 0, "\(worker.errorText)")
      #expect(try await dispatcher.stop() == 0, "\(dispatcher.errorText)")
    }
  }
}
