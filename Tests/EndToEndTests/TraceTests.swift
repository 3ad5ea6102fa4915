import Foundation
import TestCollector
import Testing
import WorkerKit

/// One trace from the API's request to the last stage, as the collector sees it.
@Suite("A trace", .timeLimit(.minutes(5)), .onEveryServerSet)
struct TraceTests {
  let bench: TraceBench

  init() async throws { bench = try await TraceBench() }

  private var caller: String { "00-\(TraceBench.trace)-\(TraceBench.caller)-01" }

  @Test("It leads from the request through retries and an emitted event to the last stage of another pipeline")
  func leadsToTheEnd() async throws {
    let collector = try await Collector()
    let server = try await bench.serve(collector: collector.port)
    try await bench.emit(TraceBench.event("e1"), to: server, traceParent: caller)
    let api = try ServerAPI(server)
    let jobs = try await api.ended(3)
    #expect(jobs.allSatisfy { $0["state"] == "SUCCEEDED" })
    #expect(try await server.stop() == 0)

    let tree = SpanTree(spans: try collector.spans().filter { $0["name"]?.string.hasPrefix("GET") != true })
    #expect(tree.spans.allSatisfy { $0["traceId"]?.string == TraceBench.trace })
    #expect(try tree.one("POST /v1/events")["parentSpanId"]?.string == TraceBench.caller)
    #expect(try tree.one("create Started")["parentSpanId"] == tree.id("POST /v1/events"))
    #expect(try tree.one("route Started")["parentSpanId"] == tree.id("create Started"))
    for stage in ["fetch", "store"] {
      #expect(try tree.one("job first.\(stage)")["parentSpanId"] == tree.id("create Started"))
    }
    #expect(try tree.one("attempt first.store")["parentSpanId"] == tree.id("job first.store"))
    #expect(try tree.one("create Finished")["parentSpanId"] == tree.id("attempt first.store"))
    #expect(try tree.one("route Finished")["parentSpanId"] == tree.id("create Finished"))
    #expect(try tree.one("job second.tell")["parentSpanId"] == tree.id("create Finished"))
    #expect(try tree.one("attempt second.tell")["parentSpanId"] == tree.id("job second.tell"))
    // The request, two events and their routing, three jobs, five attempts and their calls.
    #expect(tree.spans.count == 18)
    try checkRetries(tree)
    try checkCalls(tree, jobs: jobs)
  }

  /// Each attempt is under the job, with links to those before it, and says how it ended.
  private func checkRetries(_ tree: SpanTree) throws {
    let attempts = tree.all("attempt first.fetch")
    #expect(attempts.count == 3)
    let job = try tree.id("job first.fetch")
    #expect(attempts.allSatisfy { $0["parentSpanId"] == job })
    let ids = attempts.compactMap { $0["spanId"] }
    #expect(attempts.map(\.linked) == [[], [ids[0]], [ids[1], ids[0]]])
    #expect(attempts.map { $0.attribute("millrace.attempt") } == ["1", "2", "3"])
    #expect(attempts.map { $0.attribute("millrace.outcome") } == ["retry", "retry", "succeeded"])
    #expect(attempts.map { $0.attribute("error.type") } == ["http_status", "http_status", nil])
    #expect(attempts.map { $0["status"] } == [["code": 2], ["code": 2], nil])
    #expect(try tree.one("job first.fetch").attribute("millrace.attempts") == "3")
  }

  /// The called service gets the place of the call's own span.
  private func checkCalls(_ tree: SpanTree, jobs: [JSON]) throws {
    let calls = tree.all("POST")
    let attempts = ["first.fetch", "first.store", "second.tell"].flatMap { tree.all("attempt \($0)") }
    #expect(calls.map { $0["parentSpanId"] } == attempts.map { $0["spanId"] })
    let last = try #require(jobs.first { $0["stage"] == "tell" })
    let expected = calls.compactMap { $0["spanId"] }.map { "00-\(TraceBench.trace)-\($0.string)-01" }
    #expect(last["output"]?["body"]?["traceparents"] == .array(expected.map { .string($0) }))
  }

  @Test("Nothing is lost while the collector is away and the server is killed")
  func outlastsBoth() async throws {
    let collector = try await Collector()
    var server = try await bench.serve(collector: collector.port)
    try await collector.kill()
    let events = (1...20).map { TraceBench.event("e\($0)") }
    for event in events { try await bench.emit(event, to: server, traceParent: nil) }
    let api = try ServerAPI(server)
    _ = try await api.ended(60)
    _ = try await api.poll({ bench.spooled }) { spans in
      spans.count { $0["name"]?.string.hasPrefix("job ") == true } == 60
    }
    #expect(try await server.stop(SIGKILL) == SIGKILL)
    let waiting = bench.spooled
    #expect(try collector.spans().isEmpty)

    let again = try await Collector(port: collector.port, folder: collector.folder)
    server = try await bench.serve(collector: again.port)
    _ = try await ServerAPI(server).poll({ try again.spans() }) { $0.count >= waiting.count }
    let spans = try again.spans()
    #expect(Array(spans.prefix(waiting.count)) == waiting, "They are sent in their order.")
    let roots = spans.filter { $0["name"]?.string == "POST /v1/events" }
    #expect(Set(roots.map { $0["traceId"]?.string }).count == 20)
    for root in roots {
      let ofTrace = spans.filter { $0["traceId"] == root["traceId"] }
      #expect(ofTrace.count { $0["name"]?.string.hasPrefix("job ") == true } == 3)
      #expect(ofTrace.count { $0["name"]?.string.hasPrefix("create ") == true } == 2)
    }
    #expect(try await server.stop() == 0)
  }

  @Test("Without a collector nothing is made, and the caller's trace still goes on")
  func isOffByItself() async throws {
    let server = try await bench.serve(collector: nil)
    try await bench.emit(TraceBench.event("e1"), to: server, traceParent: caller)
    let jobs = try await ServerAPI(server).ended(3)
    let last = try #require(jobs.first { $0["stage"] == "tell" })
    #expect(
      last["output"]?["body"]?["traceparents"] == .array(Array(repeating: .string(caller), count: 5)))
    #expect(!FileManager.default.fileExists(atPath: bench.folder.appending(path: "data/spans").path))
    let line = try #require(try retryLine(of: server))
    #expect(line["trace_id"]?.string == TraceBench.trace)
    #expect(try await server.stop() == 0)
  }

  @Test("A caller that wants nothing recorded is obeyed")
  func obeysTheCaller() async throws {
    let collector = try await Collector()
    let server = try await bench.serve(collector: collector.port)
    let silent = "00-\(TraceBench.trace)-\(TraceBench.caller)-00"
    try await bench.emit(TraceBench.event("e1"), to: server, traceParent: silent)
    let api = try ServerAPI(server)
    let jobs = try await api.ended(3)
    _ = try await api.get("/health/live")
    #expect(try await server.stop() == 0)
    #expect(try collector.spans().contains { $0["name"] == "GET /v1/jobs" })
    #expect(try collector.spans().allSatisfy { $0["name"] != "GET /health/live" }, "Probes are no traces.")
    #expect(try collector.spans().allSatisfy { $0["traceId"]?.string != TraceBench.trace })
    let last = try #require(jobs.first { $0["stage"] == "tell" })
    #expect(last["output"]?["body"]?["traceparents"]?[0]?.string == silent)
  }

  @Test("An event's own trace comes before the request's, and is linked with it")
  func prefersTheEventsOwn() async throws {
    let collector = try await Collector()
    let server = try await bench.serve(collector: collector.port)
    let own = "0af7651916cd43dd8448eb211c80319c"
    guard case .object(var event) = TraceBench.event("e1") else { return }
    event["traceparent"] = .string("00-\(own)-b7ad6b7169203331-01")
    try await bench.emit(.object(event), to: server, traceParent: caller)
    _ = try await ServerAPI(server).ended(3)
    #expect(try await server.stop() == 0)
    let tree = SpanTree(spans: try collector.spans())
    #expect(try tree.one("create Started")["traceId"]?.string == own)
    #expect(try tree.one("create Started")["parentSpanId"]?.string == "b7ad6b7169203331")
    #expect(try tree.one("create Started").linked == [tree.id("POST /v1/events")])
    #expect(try tree.one("attempt second.tell")["traceId"]?.string == own)
  }

  @Test("Log lines within a job have its fields, the event's, and the place in the trace")
  func logsHaveTheirFields() async throws {
    let collector = try await Collector()
    let server = try await bench.serve(collector: collector.port)
    try await bench.emit(TraceBench.event("e1"), to: server, traceParent: caller)
    _ = try await ServerAPI(server).ended(3)
    #expect(try await server.stop() == 0)
    let line = try #require(try retryLine(of: server))
    let attempt = try #require(SpanTree(spans: try collector.spans()).all("attempt first.fetch").first)
    let expected: [String: String] = [
      "pipeline": "first", "stage": "fetch", "attempt": "1", "tenant_id": "acme", "request_id": "r1", "user_id": "u1",
      "workspace_id": "w1", "document_id": "d1", "revision_id": "v1", "correlation_id": "c1",
      "trace_id": TraceBench.trace, "failure_code": "http_status",
    ]
    for (key, value) in expected { #expect(line[key]?.string == value, "\(key)") }
    #expect(line["job_id"] == attempt.attribute("millrace.job.id") ?? attempt.attribute("messaging.message.id"))
    #expect(line["run_id"] == attempt.attribute("millrace.run.id"))
    #expect(line["span_id"] == attempt["spanId"])
    #expect(line["traceparent"] == nil)
    for field in LogKey.ofJobs { #expect(line[field.rawValue] != nil, "\(field.rawValue)") }
  }

  /// The first line about an attempt that did not succeed.
  private func retryLine(of server: RunningServer) throws -> JSON? {
    try server.errorText.split(separator: "\n").map { try JSONReader.parse(Array($0.utf8)) }
      .first { $0["message"] == "An attempt did not succeed." }
  }

  @Test("An artifact that an attempt keeps is a span under it")
  func tellsOfArtifacts() async throws {
    let collector = try await Collector()
    let server = try await RunningServer(
      arguments: ["--pipelines", Uploads.pipelines],
      variables: ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "\(collector.url)/v1/traces"])
    try Uploads(server).put(try Uploads.picture("demo/dusk.jpg"), as: "dusk.jpg")
    let api = try ServerAPI(server)
    try await api.emit([Uploads.uploaded("dusk.jpg")])
    #expect(try await api.ended(1).first?["state"] == "SUCCEEDED")
    #expect(try await server.stop() == 0)
    let tree = SpanTree(spans: try collector.spans())
    let artifacts = tree.all("artifact keep")
    let attempt = try #require(tree.spans.first { $0["name"]?.string.hasPrefix("attempt ") == true })
    #expect(!artifacts.isEmpty)
    #expect(artifacts.allSatisfy { $0["parentSpanId"] == attempt["spanId"] })
    #expect(artifacts.allSatisfy { $0.attribute("millrace.artifact.bytes") != nil })
  }

  @Test("A variable that is not what it should be is wrong usage")
  func refusesBadVariables() async throws {
    let result = try await Command.run(
      ["serve", "--data", bench.folder.path, "--listen", "127.0.0.1:0"],
      variables: ["OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"])
    #expect(result.status == 2)
    #expect(result.errors == "OTEL_EXPORTER_OTLP_ENDPOINT is not a URL like http://localhost:4318\n")
  }
}
