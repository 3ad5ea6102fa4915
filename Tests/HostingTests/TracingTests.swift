import Synchronization
import Testing
import Tracing
import WorkerKit
import WorkerKitTesting

@testable import TracingDriver

/// The spans of a host, attempt by attempt.
@Suite("A host's spans", .timeLimit(.minutes(5)))
struct TracingTests {
  /// Keeps the spans that have ended.
  private final class Shelf: Sendable {
    private let kept = Mutex<[FinishedSpan]>([])

    var spans: [FinishedSpan] { kept.withLock { $0 } }
    func put(_ span: FinishedSpan) { kept.withLock { $0.append(span) } }
    func named(_ start: String) -> [FinishedSpan] { spans.filter { $0.name.hasPrefix(start) } }
  }

  private let shelf = Shelf()
  private static let event = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

  private func tracer(_ fixture: HostFixture) -> OTLPTracer {
    OTLPTracer(environment: fixture.environment) { [shelf] in shelf.put($0) }
  }

  @Test("A retry is under the same job, with a link to the attempt before it; chance has no part in their ids")
  func linksRetries() async throws {
    let contexts = Mutex<[TraceContext?]>([])
    let fixture = try HostFixture { context, value in
      contexts.withLock { $0.append(ServiceContext.current?.trace) }
      if context.attempt == 1 { throw Failure(.transient, "busy", "It is busy.") }
      return value
    }
    try await fixture.emit(traceParent: Self.event)
    try await fixture.withHost(tracer: tracer(fixture)) { _ in
      try await fixture.whileLaneWaits { try await fixture.untilAllEnded() }
    }
    let attempts = shelf.named("attempt single.step")
    let job = try #require(shelf.named("job single.step").first)
    #expect(attempts.count == 2)
    #expect(attempts.allSatisfy { $0.parent == job.place.spanID })
    #expect(job.parent?.description == "00f067aa0ba902b7")
    #expect(attempts.map { $0.details.links.map(\.context.trace) } == [[], [attempts[0].place]])
    #expect(attempts[0].details.status?.code == .error)
    #expect(attempts[1].details.status == nil)
    // The worker was inside its attempt's span.
    #expect(contexts.withLock { $0 } == attempts.map(\.place))
    #expect(shelf.named("job").count == 1)
  }

  @Test("The job of an event without a trace begins one, the same for the whole run")
  func beginsATrace() async throws {
    let fixture = try HostFixture(pipeline: TestPipeline.chain) { _, value in value }
    try await fixture.emit()
    try await fixture.withHost(tracer: tracer(fixture)) { _ in
      try await fixture.until { try await fixture.jobs().count == 2 }
      try await fixture.untilAllEnded()
    }
    #expect(Set(shelf.spans.map(\.place.traceID)).count == 1)
    #expect(shelf.named("job").map(\.parent) == [nil, nil])
    let emitted = try #require(shelf.named("create Finished").first)
    #expect(emitted.parent == shelf.named("attempt chain.second").first?.place.spanID)
    #expect(shelf.named("create").count == 1)
  }

  @Test("A job that ends with another's result has its span, without an attempt", arguments: Pair.allCases)
  func tellsOfFollowers(_ pair: Pair) async throws {
    let fixture = try HostFixture(pair, pipeline: TestPipeline.shared) { _, value in value }
    try await fixture.emit(2)
    try await fixture.withHost(tracer: tracer(fixture)) { _ in try await fixture.untilAllEnded() }
    #expect(shelf.named("attempt shared.step").count == 1)
    let jobs = shelf.named("job shared.step")
    #expect(jobs.count == 2)
    #expect(jobs.allSatisfy { $0.details.attributes.get("millrace.outcome") == .string("succeeded") })
    let attempts = jobs.map { $0.details.attributes.get("millrace.attempts") }
    #expect(attempts.contains(.int64(0)) && attempts.contains(.int64(1)))
    await fixture.pair.close()
  }

  @Test("An event of a run that ended with another's result has its span, once", arguments: Pair.allCases)
  func tellsOfFollowersEvents(_ pair: Pair) async throws {
    let fixture = try HostFixture(pair, pipeline: TestPipeline.sharedAndTold) { _, value in value }
    try await fixture.emit(3)
    try await fixture.withHost(tracer: tracer(fixture)) { _ in try await fixture.untilAllEnded() }
    let attempt = try #require(shelf.named("attempt shared.step").first)
    let emitted = shelf.named("create Finished")
    #expect(emitted.count == 3)
    #expect(Set(emitted.map(\.place.spanID)).count == 3)
    // Where there was an attempt, its event is under it; the others are under their jobs.
    let jobs = shelf.named("job shared.step").filter { $0.details.attributes.get("millrace.attempts") == .int64(0) }
    #expect(Set(emitted.map(\.parent)) == Set([attempt.place.spanID] + jobs.map(\.place.spanID)))
    await fixture.pair.close()
  }

  @Test("Without a tracer a worker still knows the event's trace, and a worker's span is none")
  func passesOnWithoutATracer() async throws {
    let seen = Mutex<[String?]>([])
    let fixture = try HostFixture { context, value in
      seen.withLock { $0.append(context.traceParent) }
      return try await context.withSpan(SpanName.call, "GET") { span in
        #expect(span == nil)
        return value
      }
    }
    try await fixture.emit(traceParent: Self.event)
    try await fixture.withHost { _ in try await fixture.untilAllEnded() }
    #expect(seen.withLock { $0 } == [Self.event])
    #expect(shelf.spans.isEmpty)
  }
}
