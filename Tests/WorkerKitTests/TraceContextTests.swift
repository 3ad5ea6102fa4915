import Logging
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("W3C Trace Context")
struct TraceContextTests {
  private static let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

  @Test("What is read is written again")
  func roundTrip() throws {
    let trace = try #require(
      TraceContext(traceParent: Self.text, traceState: "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"))
    #expect(trace.traceParent == Self.text)
    #expect(trace.traceID.description == "4bf92f3577b34da6a3ce929d0e0e4736")
    #expect(trace.spanID.description == "00f067aa0ba902b7")
    #expect(trace.isSampled)
    #expect(trace.state == "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")
    #expect(trace.at(SpanID(rawValue: 255)).traceParent == "00-4bf92f3577b34da6a3ce929d0e0e4736-00000000000000ff-01")
  }

  @Test(
    "A later version counts by what this one knows; flags that this one does not know are not passed on",
    arguments: [
      ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-will-be", true),
      ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-09", true),
      ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff", true),
      ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02", false),
    ])
  func laterVersions(text: String, isSampled: Bool) throws {
    let trace = try #require(TraceContext(traceParent: text))
    #expect(trace.isSampled == isSampled)
    #expect(trace.traceParent == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0\(isSampled ? 1 : 0)")
  }

  @Test(
    "What is none is refused",
    arguments: [
      "", "00", "00-a", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
      "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
      "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
      "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
      "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\u{301}",
    ])
  func refuses(text: String) {
    #expect(TraceContext(traceParent: text) == nil)
  }

  @Test("A tracestate that is none is left out", arguments: ["", "a", "a=b\n", String(repeating: "a=b,", count: 33)])
  func leavesOutBadState(state: String) throws {
    #expect(try #require(TraceContext(traceParent: Self.text, traceState: state)).state == nil)
  }

  @Test("An event's jobs carry its trace, unless it is none")
  func travelsWithJobs() {
    var event = EventEnvelope(
      id: "e", type: "T", occurredAt: Timestamp(milliseconds: 0), tenant: "acme", traceParent: Self.text,
      traceState: "a=b", context: ["user_id": "u", "traceparent": "their own"], payload: [:])
    #expect(event.logFields == ["user_id": "u", "traceparent": Self.text, "tracestate": "a=b"])
    event.traceParent = "00-a"
    #expect(event.logFields == ["user_id": "u"])
  }

  @Test("A worker's log lines lead to the trace, and do not repeat what it was read from")
  func standsInLogs() {
    let log = Logger(label: "test") { JSONLogHandler(label: $0, time: ManualTime()) { _ in } }
    let context = WorkerContext(
      job: "j", run: "r", tenant: "acme", pipeline: "p", stage: "s", attempt: 1,
      authority: Authority(job: "j", epoch: .first, fence: .first, holder: "h"),
      logFields: ["user_id": "u", "traceparent": Self.text, "tracestate": "a=b"], baseLog: log,
      environment: .test(seed: 1))
    #expect(context.traceParent == Self.text)
    #expect(context.log[metadataKey: "user_id"] == "u")
    #expect(context.log[metadataKey: "job_id"] == "j")
    #expect(context.log[metadataKey: "trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736")
    #expect(context.log[metadataKey: "span_id"] == "00f067aa0ba902b7")
    #expect(context.log[metadataKey: "traceparent"] == nil)
    #expect(context.log[metadataKey: "tracestate"] == nil)
  }

  @Test("Ids of nothing are not made")
  func avoidsZero() {
    #expect(TraceID(high: 0, low: 0).low == 1)
    #expect(SpanID(rawValue: 0).rawValue == 1)
  }

  @Test("The name of a span is its form with what varies put in")
  func namesSpans() {
    #expect(SpanName.job.name("media", "scan") == "job media.scan")
    #expect(SpanName.event.name("MediaUploaded") == "create MediaUploaded")
    #expect(SpanName.request.name("GET", "/v1/jobs/{id}") == "GET /v1/jobs/{id}")
    #expect(SpanName.artifact.name() == "artifact keep")
  }
}
