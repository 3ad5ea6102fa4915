import Synchronization
import Testing
import Tracing
import WorkerKit
import WorkerKitTesting

@testable import TracingDriver

/// What the tracer makes of spans, before anything is sent.
@Suite("The tracer", .timeLimit(.minutes(5)))
struct TracerTests {
  /// Keeps the spans that have ended.
  final class Shelf: Sendable {
    private let kept = Mutex<[FinishedSpan]>([])

    var spans: [FinishedSpan] { kept.withLock { $0 } }
    func put(_ span: FinishedSpan) { kept.withLock { $0.append(span) } }
    func json() -> [JSON] { spans.map(OTLPEncoding.json) }
  }

  private struct Fields: Injector, Extractor {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
  }

  private let shelf = Shelf()
  private let time = ManualTime()

  private func tracer() -> OTLPTracer {
    OTLPTracer(environment: .test(seed: 7, time: time)) { [shelf] in shelf.put($0) }
  }

  @Test("A span says when it was, what it was, and where it belongs")
  func tellsASpan() throws {
    let tracer = tracer()
    let outer = tracer.startSpan("outer", context: .topLevel, ofKind: .server, at: time.moment)
    time.advance(by: .milliseconds(5))
    let inner = tracer.startSpan("inner", context: outer.context, ofKind: .client, at: time.moment)
    inner.set([.tenant: "acme"])
    inner.set(.attempt, 3)
    inner.end(at: time.moment)
    outer.end(at: time.moment)
    outer.end(at: time.moment)
    let spans = shelf.json()
    #expect(spans.map { $0["name"] } == ["inner", "outer"])
    #expect(spans[0]["traceId"] == spans[1]["traceId"])
    #expect(spans[0]["parentSpanId"] == spans[1]["spanId"])
    #expect(spans[1]["parentSpanId"] == nil)
    #expect(spans.map { $0["kind"] } == [3, 2])
    #expect(spans[1]["startTimeUnixNano"] == "1767225600000000000")
    #expect(spans[1]["endTimeUnixNano"] == "1767225600005000000")
    #expect(
      spans[0]["attributes"] == [
        ["key": "millrace.attempt", "value": ["intValue": "3"]],
        ["key": "millrace.tenant.id", "value": ["stringValue": "acme"]],
      ])
  }

  @Test("Ids come from the environment's chance, or are planned")
  func drawsIDs() throws {
    let ids = (0..<2).map { _ in tracer().startSpan("a", context: .topLevel, at: time.moment).context.trace }
    #expect(ids[0] == ids[1])
    let planned = PlannedSpan(traceID: TraceID(high: 1, low: 2), spanID: SpanID(rawValue: 3))
    let root = tracer().startSpan("a", context: ServiceContext(trace: nil, plannedSpan: planned), at: time.moment)
    #expect(root.context.trace?.traceParent == "00-00000000000000010000000000000002-0000000000000003-01")
    #expect(root.context.plannedSpan == nil)
    let parent = TraceContext(traceID: TraceID(high: 9, low: 9), spanID: SpanID(rawValue: 8), state: "a=b")
    let child = tracer().startSpan("a", context: ServiceContext(trace: parent, plannedSpan: planned), at: time.moment)
    #expect(child.context.trace == parent.at(SpanID(rawValue: 3)))
  }

  @Test("What the caller does not want recorded is passed on and not recorded")
  func obeysTheFlag() throws {
    let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
    let parent = try #require(TraceContext(traceParent: text))
    let span = tracer().startSpan("a", context: ServiceContext(trace: parent), at: time.moment)
    #expect(!span.isRecording)
    span.attributes["a"] = "b"
    span.end()
    #expect(span.attributes.isEmpty)
    #expect(span.context.trace?.traceParent == text)
    #expect(shelf.spans.isEmpty)
  }

  @Test("An error's text and a failure's message and fields stay out")
  func keepsErrorsShort() throws {
    struct Custom: Error { let secret = "hunter2" }
    let tracer = tracer()
    let span = tracer.startSpan("a", context: .topLevel, at: time.moment)
    span.fail(
      Failure(.permanent, "not_a_picture", "The hunter2 message.", fields: ["path": "hunter2"]), at: time.moment)
    span.recordError(Custom())
    span.end()
    let json = try #require(shelf.json().first)
    #expect(!json.text().contains("hunter2"))
    #expect(json["status"] == ["code": 2])
    #expect(json["events"]?.elements.map { $0["name"] } == ["exception", "exception"])
    let types = json["events"]?.elements.compactMap { $0["attributes"]?[0]?["value"]?["stringValue"] }
    #expect(types == ["not_a_picture", "Custom"])
  }

  @Test("What is beyond a span's bounds is counted and left out")
  func keepsToBounds() throws {
    let span = tracer().startSpan("a", context: .topLevel, at: time.moment)
    for number in 0..<100 {
      span.attributes["key-\(number)"] = String(repeating: "x", count: 5000)
      span.addEvent(SpanEvent(name: "e"))
      span.addLink(SpanLink(context: span.context, attributes: [:]))
    }
    span.end()
    let json = try #require(shelf.json().first)
    #expect(json["attributes"]?.elements.count == 64)
    #expect(json["attributes"]?[0]?["value"]?["stringValue"]?.string.count == 1024)
    #expect(json["events"]?.elements.count == 32)
    #expect(json["links"]?.elements.count == 32)
    #expect(json["droppedAttributesCount"] == 36)
    #expect(json["droppedEventsCount"] == 68)
    #expect(json["droppedLinksCount"] == 68)
  }

  @Test("A trace goes out and comes in as W3C Trace Context has it")
  func carriesTheContext() throws {
    let tracer = tracer()
    let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    var context = ServiceContext.topLevel
    tracer.extract(["traceparent": text, "tracestate": "a=b"], into: &context, using: Fields())
    var carrier: [String: String] = [:]
    tracer.inject(context, into: &carrier, using: Fields())
    #expect(carrier == ["traceparent": text, "tracestate": "a=b"])
    tracer.extract(["traceparent": "nonsense"], into: &context, using: Fields())
    #expect(context.trace == nil)
    var none: [String: String] = [:]
    tracer.inject(.topLevel, into: &none, using: Fields())
    #expect(none.isEmpty)
  }

  @Test("Every kind of attribute has its place in OTLP")
  func writesEveryKind() throws {
    let span = tracer().startSpan("a", context: .topLevel, ofKind: .producer, at: time.moment)
    span.attributes["a"] = true
    span.attributes["b"] = 1.5
    span.attributes["c"] = ["x", "y"]
    span.attributes["d"] = [Int64(1), Int64.max]
    span.setStatus(SpanStatus(code: .ok, message: "not told"))
    span.end()
    let json = try #require(shelf.json().first)
    #expect(json["kind"] == 4)
    #expect(json["status"] == ["code": 1])
    #expect(
      json["attributes"] == [
        ["key": "a", "value": ["boolValue": true]], ["key": "b", "value": ["doubleValue": 1.5]],
        ["key": "c", "value": ["arrayValue": ["values": [["stringValue": "x"], ["stringValue": "y"]]]]],
        ["key": "d", "value": ["arrayValue": ["values": [["intValue": "1"], ["intValue": "9223372036854775807"]]]]],
      ])
  }
}
