import Foundation
import HTTPDriver
import TestPostgres
import Testing
import WorkerKit

/// Many events over HTTP and from the database's outbox, through three dispatchers of which two come to harm.
@Suite("Three dispatchers under load")
struct DispatcherLoadTests {
  /// Two pipelines of which one causes the other, so that a run's end starts another run.
  private static let pipelines = [
    "first": """
    pipeline: first
    trigger: { event: DocumentSaved }
    stages:
      persist:
        uses: autosave.persist
        retry: { attempts: 50, backoff: { initial: 100ms, max: 1s } }
        with:
          document: "${event.resource.id}"
          revision: "${event.payload.revision}"
          content: "${event.payload.content}"
    emit:
      - { event: DocumentKept, after: [persist], payload: { document: "${event.resource.id}" } }
    """,
    "second": """
    pipeline: second
    trigger: { event: DocumentKept }
    stages:
      note:
        uses: autosave.persist
        retry: { attempts: 50, backoff: { initial: 100ms, max: 1s } }
        with: { document: "note-${event.payload.document}", revision: 1, content: "kept" }
    """,
  ]
  /// So many of each kind in each of three parts, in batches.
  private static let (part, batch) = (400, 50)
  private static let count = 2 * 3 * part

  @Test(
    "One is killed and one stands still for a while: each event has its run once, and each run its end",
    .timeLimit(.minutes(10)))
  func survives() async throws {
    try await ServerPair.run { pair in
      for (name, text) in Self.pipelines { try pair.write(name, text) }
      try pair.remove("saves")
      let (doomed, slow, steady) = (
        try await pair.dispatcher(), try await pair.dispatcher(), try await pair.dispatcher()
      )
      let workers = try (0..<3).map { _ in try pair.worker() }
      for worker in workers { _ = try await worker.hostProcess() }
      let (api, urls) = (try ServerAPI(steady), [doomed, slow, steady].map { "\($0.url)/v1/events" })

      // What is done to a dispatcher comes in the middle of a part: each event of it makes two jobs in the end.
      async let first: Void = Self.feed(part: 0, urls, pair.database)
      try await Self.until(300, pair, api)
      slow.signal(SIGSTOP)
      try await first
      async let second: Void = Self.feed(part: 1, urls, pair.database)
      try await Self.until(4 * Self.part + 300, pair, api)
      #expect(try await doomed.stop(SIGKILL) == SIGKILL)
      try await second
      async let third: Void = Self.feed(part: 2, urls, pair.database)
      try await Self.until(8 * Self.part + 300, pair, api)
      slow.signal(SIGCONT)
      try await third

      try await Self.until(2 * Self.count, pair, api)
      try await Self.check(pair.database)
      _ = try await pair.ready(ServerAPI(slow), 200)
      for worker in workers { #expect(try await worker.stop() == 0, "\(worker.errorText)") }
      for server in [slow, steady] { #expect(try await server.stop() == 0, "\(server.errorText)") }
    }
  }

  /// Sends a part over HTTP while an application emits as much in transactions of its own.
  private static func feed(part number: Int, _ urls: [String], _ database: PostgresDatabase) async throws {
    let numbers = number * part..<(number + 1) * part
    async let posted: Void = post(numbers, to: urls)
    async let emitted: Void = emit(numbers, into: database)
    _ = try await (posted, emitted)
  }

  /// Sends each batch to another dispatcher, and where that one is gone or silent to the last, as any client does. An
  /// id is accepted once.
  private static func post(_ numbers: Range<Int>, to urls: [String]) async throws {
    let client = try HTTPClient()
    for (index, first) in stride(from: numbers.lowerBound, to: numbers.upperBound, by: batch).enumerated() {
      let events = JSON.array((first..<first + batch).map { Uploads.saved("posted-\($0)", 1) })
      var request = HTTPRequest(
        method: "POST", url: urls[index % urls.count], headers: ["Content-Type": "application/json"],
        body: events.bytes(), timeout: .seconds(10))
      while (try? await client.send(request))?.status != 202 {
        try Task.checkCancellation()
        request.url = urls[urls.count - 1]
      }
    }
  }

  private static func emit(_ numbers: Range<Int>, into database: PostgresDatabase) async throws {
    for first in stride(from: numbers.lowerBound, to: numbers.upperBound, by: batch) {
      try await database.psql(
        """
        SELECT millrace.emit('DocumentSaved', 't1', jsonb_build_object('revision', 1, 'content', 'Save ' || n),
          resource => jsonb_build_object('kind', 'document', 'id', 'emitted-' || n), id => 'emitted-' || n)
        FROM generate_series(\(first), \(first + batch - 1)) AS n
        """)
    }
  }

  /// Returns when so many jobs have ended.
  private static func until(_ count: Int, _ pair: ServerPair, _ api: ServerAPI) async throws {
    _ = try await api.poll({ try await pair.database.psql("SELECT count(*) FROM millrace.jobs") }) {
      (Int($0) ?? 0) >= count
    }
  }

  /// Every event is there once with one run, every job has succeeded once, and nothing is left.
  private static func check(_ database: PostgresDatabase) async throws {
    let wanted = [
      "count(*) FROM millrace.events": 2 * count,
      "count(DISTINCT id) FROM millrace.events WHERE type = 'DocumentSaved'": count,
      "count(*) FROM millrace.runs": 2 * count,
      "count(DISTINCT id) FROM millrace.runs": 2 * count,
      "count(*) FROM millrace.jobs": 2 * count,
      "count(DISTINCT run) FROM millrace.jobs": 2 * count,
      // What an attempt before a success came to has a row there; of a success there is none but the job's own.
      "count(*) FROM millrace.attempts WHERE outcome = 'succeeded'": 0,
      "count(*) FROM millrace.autosave_revisions": 2 * count,
      "count(*) FROM millrace.live": 0, "count(*) FROM millrace.unrouted": 0, "count(*) FROM millrace.outbox": 0,
      "count(*) FROM millrace.dead": 0,
    ]
    for (question, answer) in wanted {
      #expect(try await database.psql("SELECT \(question)") == String(answer), "\(question)")
    }
    let states = try await database.psql("SELECT DISTINCT state FROM millrace.jobs")
    #expect(states.split(separator: "\n").count == 1, "All have succeeded, since none is a dead letter: \(states)")
  }
}
