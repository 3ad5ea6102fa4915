import Synchronization
import Testing
import WorkerKit

@Suite("Pipelines: planner")
struct PipelinesPlannerTests {
  /// A fork and a join: scan, then left and right, then last; an event after last, another after scan alone.
  private static let forked = """
    pipeline: forked
    trigger: { event: MediaUploaded, match: { payload: { content_type: [image/png] } } }
    stages:
      last: { uses: a.b, needs: [left, right], with: { v: "${scan.verdict}", k: "${event.payload.object_key}" } }
      left: { uses: a.b, needs: [scan], when: { scan: { verdict: [clean] } }, queue: fast }
      right: { uses: media.thumbnails, needs: [scan] }
      scan: { uses: a.b, with: { object: "${event.payload.object_key}" } }
    emit:
      - { event: Done, after: [last], payload: { v: "${last.out}" } }
      - { event: Scanned, after: [scan], payload: { v: "${scan.verdict}" } }

    """
  private static let clean = #"{"verdict":"clean"}"#

  private let planner: Planner

  init() {
    let counter = Counter()
    planner = Planner(
      queues: ["media.thumbnails": "pictures"], newID: { counter.next() }, now: { Timestamp(milliseconds: 7) })
  }

  private func snapshot(
    _ pipeline: Pipeline, _ stages: [StageName: (JobState, String?)], event: EventEnvelope = Fixture.event()
  ) -> RunSnapshot {
    RunSnapshot(
      id: "r1", pipeline: pipeline.name, revision: pipeline.revision, event: event.bytes,
      stages: stages.mapValues { StageResult(state: $0.0, output: $0.1.map { Array($0.utf8) }) })
  }

  private func plan(
    _ stages: [StageName: (JobState, String?)], source: String = forked, event: EventEnvelope = Fixture.event()
  ) throws -> RunPlan {
    let pipeline = try Pipeline.compile(source, file: "p.yaml")
    return try planner.next(snapshot(pipeline, stages, event: event), pipeline: pipeline)
  }

  @Test("an event starts one run for each pipeline that it matches, with the root stages' jobs")
  func route() throws {
    let other = "pipeline: all\ntrigger: { event: MediaUploaded }\nstages: { a: { uses: a.b } }\n"
    let set = PipelineSet(try [Self.forked, other].map { try Pipeline.compile($0, file: "p.yaml") })
    let runs = try planner.route(Fixture.event(), pipelines: set)
    #expect(runs.map(\.pipeline) == ["all", "forked"])
    #expect(runs.map(\.id) == ["id1", "id2"])
    #expect(
      runs.last?.plan.jobs == [
        NewJob(
          id: "id2-scan", stage: "scan", worker: "a.b", queue: .standard,
          input: .resolved(Array(#"{"object":"a.png"}"#.utf8)))
      ])
    #expect(runs.allSatisfy { $0.plan.state == .running && $0.plan.emits.isEmpty })
    let text = try planner.route(Fixture.event(payload: ["content_type": "text/plain"]), pipelines: set)
    #expect(text.map(\.pipeline) == ["all"])
    #expect(try planner.route(Fixture.event(type: "Other"), pipelines: set).isEmpty)
  }

  @Test("a fork runs both sides, the join waits for both, and queues come from stage, worker or default")
  func forkAndJoin() throws {
    let fork = try plan(["scan": (.succeeded, Self.clean)])
    #expect(fork.jobs.map(\.stage) == ["left", "right"])
    #expect(fork.jobs.map(\.queue) == ["fast", "pictures"])
    let half = try plan(["scan": (.succeeded, Self.clean), "left": (.succeeded, "{}"), "right": (.running, nil)])
    #expect(half.jobs.isEmpty && half.state == .running && half.idle.isEmpty)
    let join = try plan(["scan": (.succeeded, Self.clean), "left": (.succeeded, "{}"), "right": (.succeeded, "{}")])
    #expect(join.jobs.map(\.stage) == ["last"])
    #expect(join.jobs.first?.input == .resolved(Array(#"{"k":"a.png","v":"clean"}"#.utf8)))
    let end = try plan([
      "scan": (.succeeded, Self.clean), "left": (.succeeded, "{}"), "right": (.succeeded, "{}"),
      "last": (.succeeded, #"{"out":1}"#),
    ])
    #expect(end.state == .succeeded && end.jobs.isEmpty && end.emits.map(\.type) == ["Done", "Scanned"])
  }

  @Test("a stage whose condition is false is skipped, and so is what needs it")
  func skipped() throws {
    let infected = try plan(["scan": (.succeeded, #"{"verdict":"infected"}"#), "right": (.succeeded, "{}")])
    #expect(
      infected.idle == [
        "left": IdleStage(.skipped, reason: #"scan.verdict is not "clean""#),
        "last": IdleStage(.skipped, reason: "left was skipped"),
      ])
    #expect(infected.state == .succeeded && infected.jobs.isEmpty && infected.emits.map(\.type) == ["Scanned"])
  }

  @Test(
    "what needs a stage that ended without success is cancelled, down to the last",
    arguments: [
      (.failed, "scan failed", .failed), (.timedOut, "scan timed out", .failed),
      (.cancelled, "scan was cancelled", .succeeded),
    ] as [(JobState, String, RunStanding.State)])
  func cancelled(_ state: JobState, _ reason: String, _ run: RunStanding.State) throws {
    let plan = try plan(["scan": (state, nil)])
    #expect(
      plan.idle == [
        "left": IdleStage(.cancelled, reason: reason), "right": IdleStage(.cancelled, reason: reason),
        "last": IdleStage(.cancelled, reason: "left was cancelled"),
      ])
    #expect(plan.state == run && plan.jobs.isEmpty && plan.emits.isEmpty)
  }

  @Test("a join waits while one side is undecided, even if the other has failed")
  func undecided() throws {
    let plan = try plan(["scan": (.succeeded, Self.clean), "left": (.failed, nil), "right": (.queued, nil)])
    #expect(plan.idle.isEmpty && plan.jobs.isEmpty && plan.state == .running)
  }

  @Test("a replay that mends a need releases what was cancelled")
  func mended() throws {
    let replayed = try plan(["scan": (.queued, nil)])
    #expect(replayed.idle.isEmpty && replayed.state == .running && replayed.jobs.isEmpty)
    let mended = try plan(["scan": (.succeeded, Self.clean)])
    #expect(mended.idle.isEmpty && mended.jobs.map(\.stage) == ["left", "right"])
  }

  @Test("emitted events carry their cause, one hop further, and the same id in every plan")
  func emits() throws {
    let first = try #require(try plan(["scan": (.succeeded, Self.clean)]).emits.first)
    let again = try #require(try plan(["scan": (.succeeded, Self.clean), "left": (.failed, nil)]).emits.first)
    #expect(first == again)
    // SHA-256 of "r1/1/1", its first 32 characters.
    #expect(first.id == "ccdb0d37c6ecb1cc25629f673c71fef8")
    #expect(
      first
        == EventEnvelope(
          id: first.id, source: "millrace/forked", type: "Scanned", occurredAt: Timestamp(milliseconds: 7),
          tenant: "acme", correlationID: "c1", traceParent: "00-trace", context: ["user_id": "u"], hops: 1,
          payload: ["v": "clean"]))
  }

  @Test("an event beyond the last hop, without its value, or too large is not emitted, and a person is told")
  func notEmitted() throws {
    let far = try plan(["scan": (.succeeded, Self.clean)], event: Fixture.event(hops: EventLimits.hops))
    #expect(far.emits.isEmpty)
    #expect(
      far.problems == ["Scanned was not emitted: it would be the 17th in a chain of events, and 16 are allowed"])
    let last = try plan(["scan": (.succeeded, Self.clean)], event: Fixture.event(hops: EventLimits.hops - 1))
    #expect(last.emits.map(\.hops) == [16])
    let missing = try plan(["scan": (.succeeded, "{}"), "left": (.failed, nil), "right": (.failed, nil)])
    #expect(missing.problems == ["Scanned was not emitted: ${scan.verdict} leads to nothing"])
    let large = String(repeating: "x", count: EventLimits.payloadBytes)
    let tooLarge = try plan(["scan": (.succeeded, #"{"verdict":"\#(large)"}"#)])
    #expect(tooLarge.problems == ["Scanned was not emitted: its payload has more than 262144 bytes"])
  }

  @Test("an emitted event can always be read back", arguments: [62, 63])
  func depth(_ levels: Int) throws {
    let nested = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    let plan = try plan(["scan": (.succeeded, #"{"verdict":\#(nested)}"#)])
    if let event = plan.emits.first { #expect(try EventEnvelope.restore(event.bytes) == event) }
    #expect(plan.emits.count == (levels == 62 ? 1 : 0))
    let problem = "Scanned was not emitted: its payload is nested more than 63 levels deep"
    #expect(plan.problems == (levels == 62 ? [] : [problem]))
  }

  @Test("a reference without a value makes a job that names it")
  func unresolved() throws {
    let set = PipelineSet([try Pipeline.compile(Self.forked, file: "p.yaml")])
    let runs = try planner.route(Fixture.event(payload: ["content_type": "image/png"]), pipelines: set)
    #expect(runs.first?.plan.jobs.first?.input == .unresolved(reference: "${event.payload.object_key}"))
  }

  @Test("a run whose root stages are all skipped ends at once")
  func nothingToDo() throws {
    let source =
      "pipeline: p\ntrigger: { event: MediaUploaded }\nstages:\n"
      + "  a: { uses: a.b, when: { event: { payload: { size: [1] } } } }\n"
    let run = try #require(
      try planner.route(Fixture.event(), pipelines: PipelineSet([try Pipeline.compile(source, file: "p.yaml")])).first)
    #expect(run.plan.state == .succeeded && run.plan.idle["a"]?.reason == "event.payload.size is absent")
  }

  @Test("a plan that needs neither the event nor outputs does not read them")
  func untouched() throws {
    let source = "pipeline: p\ntrigger: { event: A }\nstages: { a: { uses: a.b, with: { k: '${event.id}' } } }\n"
    let pipeline = try Pipeline.compile(source, file: "p.yaml")
    let run = RunSnapshot(
      id: "r1", pipeline: "p", revision: pipeline.revision, event: [0xFF],
      stages: ["a": StageResult(state: .succeeded, output: [0xFF])])
    #expect(try planner.next(run, pipeline: pipeline) == RunPlan(state: .succeeded))
  }

  @Test("what is kept and cannot be read any more is told as damage")
  func damaged() throws {
    let pipeline = try Pipeline.compile(Self.forked, file: "p.yaml")
    let output = snapshot(pipeline, ["scan": (.succeeded, "no JSON")])
    let wrongOutput = #expect(throws: DriverError.self) { try planner.next(output, pipeline: pipeline) }
    #expect(wrongOutput?.kind == .damaged && wrongOutput?.code == "output_unreadable" && wrongOutput?.detail == "scan")
    let event = RunSnapshot(id: "r1", pipeline: "forked", revision: pipeline.revision, event: [1], stages: [:])
    let wrongEvent = #expect(throws: DriverError.self) { try planner.next(event, pipeline: pipeline) }
    #expect(wrongEvent?.code == "event_unreadable")
  }

  @Test("the library plans by revision, without knowing the workers, and names a revision that it lacks")
  func library() throws {
    let library = PipelineLibrary()
    let pipeline = try Pipeline.compile(Self.forked, file: "p.yaml")
    let run = snapshot(pipeline, ["scan": (.succeeded, Self.clean)])
    let settle = library.settlePlanner(planner)
    let error = #expect(throws: DriverError.self) { try settle(run) }
    #expect(error?.kind == .damaged && error?.code == "revision_unknown")
    #expect(error?.detail == pipeline.revision.rawValue)
    #expect(library.missing([pipeline.revision, "other"]) == [pipeline.revision, "other"])
    try library.add(pipeline.stored)
    #expect(library.missing([pipeline.revision, "other"]) == ["other"])
    #expect(try settle(run).jobs.map(\.stage) == ["left", "right"])
    #expect(throws: PipelineFileError.self) {
      try library.add(PipelineRevision(pipeline: "x", hash: "h", source: "pipeline: x"))
    }
    let fresh = PipelineLibrary()
    let route = fresh.routePlanner(PipelineSet([pipeline]), planner: planner)
    #expect(try route(Fixture.event()).map(\.revision) == [pipeline.revision])
    #expect(fresh.pipeline(pipeline.revision) != nil)
  }
}

/// Hands out `id1`, `id2`, …
private final class Counter: Sendable {
  private let count = Mutex(0)

  func next() -> String {
    count.withLock { count in
      count += 1
      return "id\(count)"
    }
  }
}
