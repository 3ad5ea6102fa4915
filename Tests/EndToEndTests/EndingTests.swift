import Foundation
import HTTPDriver
import TestCollector
import Testing
import WorkerKit

/// Jobs that end without an attempt, as a collector and `/metrics` see them.
@Suite("A job that ends without an attempt", .timeLimit(.minutes(5)), .onEveryServerSet)
struct EndingTests {
  private static let pipelines = [
    "keep": """
    pipeline: keep
    trigger: { event: Saved }
    stages:
      store:
        uses: autosave.persist
        coalesce: { key: "${event.resource.id}", quiet: 1h, max_wait: 2h, newest_by: "${event.payload.revision}" }
        with:
          document: "${event.resource.id}"
          revision: "${event.payload.revision}"
          content: "${event.payload.content}"
    """,
    "share": """
    pipeline: share
    trigger: { event: Shared }
    stages:
      store:
        uses: autosave.persist
        execution_key: [always]
        with: { document: one, revision: 1, content: text }
    emit:
      - { event: Kept, after: [store], payload: { document: one } }
    """,
  ]

  private func serve(_ collector: Collector) async throws -> RunningServer {
    let files = try PipelineFiles(Self.pipelines)
    return try await RunningServer(
      folder: files.folder, arguments: files.arguments,
      variables: ["OTEL_EXPORTER_OTLP_ENDPOINT": collector.url])
  }

  private func event(_ type: String, _ number: Int) -> JSON {
    [
      "id": .string("\(type)-\(number)"), "type": .string(type), "tenant_id": "acme",
      "resource": ["kind": "document", "id": "one"],
      "payload": ["revision": .integer(Int64(number)), "content": "text"],
    ]
  }

  @Test("It has its span, once, which says why; what was superseded is counted")
  func hasItsSpan() async throws {
    let collector = try await Collector()
    let server = try await serve(collector)
    let api = try ServerAPI(server)
    try await api.emit([event("Saved", 1), event("Saved", 3), event("Saved", 2)])
    _ = try await api.ended(2)
    let waiting = try #require(try await api.jobs("queued").first?["id"]?.string)
    for _ in 0..<2 { _ = try await api.post("/v1/jobs/\(waiting)/cancel", ["by": "ada", "reason": "not wanted"]) }
    try await api.emit([event("Shared", 1)])
    _ = try await api.ended(4)
    try await api.emit([event("Shared", 2)])
    _ = try await api.ended(5)
    let metrics = try await HTTPClient().send(HTTPRequest(url: "\(server.url)/metrics"))
    let counted = "millrace_superseded_total{pipeline=\"keep\",stage=\"store\"} 2"
    #expect(String(decoding: metrics.body, as: UTF8.self).split(separator: "\n").contains(Substring(counted)))
    #expect(try await server.stop() == 0)

    let tree = SpanTree(spans: try collector.spans())
    let saved = tree.all("job keep.store")
    let outcomes = saved.compactMap { $0.attribute("millrace.outcome")?.string }
    #expect(outcomes.sorted() == ["cancelled", "superseded", "superseded"])
    #expect(saved.allSatisfy { $0.attribute("millrace.attempts") == "0" && $0["status"] == nil })
    let cancelled = saved.filter { $0.attribute("messaging.message.id")?.string == waiting }
    #expect(cancelled.map { $0.attribute("millrace.outcome") } == ["cancelled"])
    let shared = tree.all("job share.store")
    #expect(shared.map { $0.attribute("millrace.outcome") } == ["succeeded", "succeeded"])
    #expect(shared.map { $0.attribute("millrace.attempts") } == ["1", "0"])
    // The second run has ended while its event was routed; its own event is under its job.
    let kept = tree.all("create Kept").compactMap { $0["parentSpanId"]?.string }
    #expect(kept.count == 2)
    let follower = shared.first { $0.attribute("millrace.attempts") == "0" }
    #expect(kept.contains { $0 == follower?["spanId"]?.string })
    let parents = Set(tree.all("create Saved").compactMap { $0["spanId"]?.string })
    #expect(Set(saved.compactMap { $0["parentSpanId"]?.string }) == parents)
    #expect(tree.all("attempt keep.store").isEmpty)
  }
}
