import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Listing and replaying events", .timeLimit(.minutes(5)))
struct EventReplayTests {
  let bench: TestBench

  init() throws { bench = try TestBench() }

  private static let range: [String: JSON] = [
    "type": "MediaUploaded", "from": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z", "by": "ada",
    "reason": "a new stage",
  ]

  private func wish(_ more: [String: JSON] = [:]) -> JSON { .object(Self.range.merging(more) { $1 }) }

  /// Three routed events of two tenants and one of another type, recorded an hour apart.
  private func prepare() async throws {
    _ = try await bench.store.activate(bench.pipelines().revisions)
    for (id, tenant, type) in [
      ("e1", "acme", "MediaUploaded"), ("e2", "globex", "MediaUploaded"), ("e3", "acme", "MediaUploaded"),
      ("e4", "acme", "Other"),
    ] {
      _ = try await bench.store.record([bench.event(id, tenant: tenant, type: type)])
      bench.time.advance(by: .seconds(3600))
    }
    try await bench.router().routeWaiting()
  }

  @Test func eventsAreListedByTypeTenantAndTimePageByPage() async throws {
    try await prepare()
    try await TestClient.serving(bench.services) { client in
      let cases = [
        ("", ["e4", "e3", "e2", "e1"]), ("?type=Other", ["e4"]), ("?tenant_id=globex", ["e2"]),
        ("?from=2026-01-01T01:00:00Z&until=2026-01-01T03:00:00Z", ["e3", "e2"]), ("?type=None", []),
      ]
      for (query, wanted) in cases {
        let answer = try await client.get("/v1/events\(query)")
        #expect(ids(answer.json["events"]) == wanted, "\(query)")
        #expect(answer.json["events"]?[0]?["payload"] == nil)
      }
      let first = try await client.get("/v1/events?limit=2")
      #expect(ids(first.json["events"]) == ["e4", "e3"])
      let next = try #require(first.json["next_before"])
      let second = try await client.get("/v1/events?limit=3&before=\(next.text())")
      #expect(ids(second.json["events"]) == ["e2", "e1"])
      #expect(second.json["next_before"] == .null)
      let refused = try await client.get("/v1/events?from=yesterday&limit=0&before=x")
      #expect(refused.problems == ["from invalid", "limit invalid", "before invalid"])
    }
  }

  @Test func aPreviewChangesNothing() async throws {
    try await prepare()
    try await TestClient.serving(bench.services) { client in
      let answer = try await client.post("/v1/events/replay", wish(["dry_run": true, "by": nil, "reason": nil]))
      #expect(answer.status == 200)
      #expect(answer.json["count"] == 3)
      #expect(answer.json["first"]?["id"] == "e1")
      #expect(answer.json["last"]?["id"] == "e3")
      #expect(answer.json["pipelines"] == [["pipeline": "media", "events": 3]])
      let runs = try await client.get("/v1/runs")
      #expect(count(runs.json["runs"]) == 3)
    }
  }

  @Test func aReplayStartsNewRunsOnce() async throws {
    try await prepare()
    try await TestClient.serving(bench.services) { client in
      let first = try await client.post("/v1/events/replay", wish(["id": "r1", "limit": 2]))
      #expect(first.json["answers"] == ["replayed": 2])
      #expect(first.json["runs"] == 2)
      let again = try await client.post("/v1/events/replay", wish(["id": "r1"]))
      #expect(again.json["answers"] == ["known": 2, "replayed": 1])
      let rest = try await client.post(
        "/v1/events/replay", wish(["id": "r2", "after": first.json["next_after"] ?? .null]))
      #expect(rest.json["answers"] == ["replayed": 1])
      let runs = try await client.get("/v1/runs?replay_id=r1&state=running")
      #expect(count(runs.json["runs"]) == 3)
      #expect(runs.json["runs"]?[0]?["replay_id"] == "r1")
      let event = try await client.get("/v1/events/e1")
      #expect(count(event.json["runs"]) == 2)
      #expect(event.json["runs"]?[1]?["stages"]?[0]?["state"] == "QUEUED")
    }
  }

  @Test func aReplayIsNarrowedByTenantAndPipeline() async throws {
    try await prepare()
    try await TestClient.serving(bench.services) { client in
      let one = try await client.post("/v1/events/replay", wish(["tenant_id": "globex", "pipeline": "media"]))
      #expect(one.json["answers"] == ["replayed": 1])
      let unknown = try await client.post("/v1/events/replay", wish(["pipeline": "none"]))
      #expect(unknown.status == 404)
      #expect(unknown.problem == "no_such_pipeline")
      let other = try await client.post("/v1/events/replay", wish(["type": "Other"]))
      #expect(other.json["answers"] == ["unmatched": 1])
    }
  }

  @Test func aWishThatMakesNoSenseIsRefused() async throws {
    try await TestClient.serving(bench.services) { client in
      let empty = try await client.post("/v1/events/replay", [:])
      #expect(empty.status == 400)
      #expect(
        empty.problems == ["type required", "from required", "until required", "by required", "reason required"])
      let odd = try await client.post(
        "/v1/events/replay", wish(["until": "2025-01-01T00:00:00Z", "limit": 0, "tennant_id": "acme"]))
      #expect(odd.problems == ["limit invalid", "until invalid", "tennant_id unknown_field"])
    }
  }

  private func ids(_ events: JSON?) -> [String] {
    guard case .array(let events)? = events else { return ["none"] }
    return events.map { if case .string(let id)? = $0["id"] { id } else { "" } }
  }

  private func count(_ list: JSON?) -> Int { if case .array(let list)? = list { list.count } else { -1 } }
}
