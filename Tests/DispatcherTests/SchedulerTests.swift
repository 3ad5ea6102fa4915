import Dispatcher
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Scheduler", .timeLimit(.minutes(5)))
struct SchedulerTests {
  let bench: SchedulerBench

  init() throws { bench = try SchedulerBench() }

  private var missed: Double { bench.base.metrics.value(of: MetricName.scheduleTicks, "nightly", "missed") }
  private var fired: Double { bench.base.metrics.value(of: MetricName.scheduleTicks, "nightly", "fired") }

  @Test("a schedule is armed when it is first seen, and ticks at its time, once")
  func ticksOnce() async throws {
    try bench.activate(["nightly": "0 3 * * *"], zone: "Europe/Berlin")
    let armed = try await bench.scheduler().fireDue()
    #expect(armed.fired == [:])
    #expect(armed.next?.description == "2026-01-01T02:00:00.000Z")
    bench.time.advance(by: .seconds(2 * 3600 - 1))
    #expect(try await bench.scheduler().fireDue().fired == [:])
    bench.time.advance(by: .seconds(1))
    #expect(try await bench.scheduler().fireDue().fired == ["nightly": bench.time.now])
    // A scheduler that has just started knows no more than the store.
    let again = try await bench.scheduler().fireDue()
    #expect(again.fired == [:])
    #expect(again.next?.description == "2026-01-02T02:00:00.000Z")
    #expect((fired, missed) == (1, 0))
    #expect(try await bench.base.store.unroutedCount() == 1)
  }

  @Test("a tick's event says when it was to come and when the last one came, and starts its pipeline alone")
  func startsItsPipeline() async throws {
    try bench.activate(["nightly": "0 3 * * *", "other": "0 4 1 6 *"])
    try await bench.scheduler().fireDue()
    for _ in 1...2 {
      bench.time.advance(by: .seconds(86_400))
      try await bench.scheduler().fireDue()
    }
    let events = try await bench.base.store.events(id: "tick-nightly-2026-01-02T03:00:00.000Z", tenant: "system")
    let event = try #require(events.first?.envelope)
    #expect(event.type == "ScheduleTick")
    #expect(event.source == "millrace/schedule")
    #expect(event.occurredAt.description == "2026-01-02T03:00:00.000Z")
    #expect(
      event.payload == [
        "pipeline": "nightly", "scheduled_at": "2026-01-02T03:00:00.000Z", "previous_at": "2026-01-01T03:00:00.000Z",
      ])
    let first = try await bench.base.store.events(id: "tick-nightly-2026-01-01T03:00:00.000Z", tenant: "system")
    #expect(first.first?.envelope.payload == ["pipeline": "nightly", "scheduled_at": "2026-01-01T03:00:00.000Z"])
    let plan = bench.base.library.routePlanner(PipelineSet(bench.pipelines), planner: bench.base.planner)
    #expect(try await bench.base.router(plan: plan).routeWaiting().routed == 2)
    let jobs = try await bench.base.store.jobs(JobFilter())
    #expect(jobs.map(\.pipeline) == ["nightly", "nightly"])
  }

  @Test("a file with a schedule becomes a run at its time, by the clock of its zone")
  func startsFromAFile() async throws {
    let file = """
      pipeline: nightly
      trigger: { cron: "30 3 * * mon-fri", time_zone: Europe/Berlin }
      stages:
        sweep: { uses: test.work, with: { at: "${event.payload.scheduled_at}" } }
        tell: { uses: test.work, needs: [sweep] }
      """
    let other = "pipeline: other\ntrigger: { event: Other }\nstages: { a: { uses: a.b } }\n"
    try bench.activate(files: [file, other])
    try await bench.scheduler().fireDue()
    try bench.advance(to: "2026-01-02T02:29:59Z")
    let early = try await bench.scheduler().fireDue()
    // The first of the year is a Thursday.
    #expect(early.fired["nightly"]?.description == "2026-01-01T02:30:00.000Z")
    bench.time.advance(by: .seconds(1))
    try await bench.scheduler().fireDue()
    let plan = bench.base.library.routePlanner(PipelineSet(bench.pipelines), planner: bench.base.planner)
    #expect(try await bench.base.router(plan: plan).routeWaiting().routed == 2)
    let runs = try await bench.base.store.runs(RunFilter())
    #expect(runs.map(\.pipeline) == ["nightly", "nightly"])
    let jobs = try await bench.base.store.jobs(JobFilter())
    #expect(
      jobs.map(\.input)
        == ["2026-01-02", "2026-01-01"].map { .resolved(Array(#"{"at":"\#($0)T02:30:00.000Z"}"#.utf8)) })
    // The run goes on as any other does.
    for _ in 0..<4 {
      let lease = try await bench.base.lease()
      #expect(try await bench.base.settle(lease, as: .succeeded(output: Array("{}".utf8), artifacts: [])) == .settled)
    }
    #expect(try await bench.base.store.jobs(JobFilter()).count { $0.stage == "tell" } == 2)
  }

  @Test("after an outage the latest tick fires alone, and the others are counted")
  func catchesUpOnce() async throws {
    try bench.activate(["nightly": "0 3 * * *"])
    try await bench.scheduler().fireDue()
    try bench.advance(to: "2026-01-01T03:00:00Z")
    try await bench.scheduler().fireDue()
    try bench.advance(to: "2026-01-05T12:00:00Z")
    let pass = try await bench.scheduler().fireDue()
    #expect(pass.fired.mapValues(\.description) == ["nightly": "2026-01-05T03:00:00.000Z"])
    #expect((fired, missed) == (2, 3))
    #expect(bench.base.logs.text.contains("Ticks of a schedule were missed"))
    #expect(bench.base.logs.text.contains(#""count":"3""#))
    let events = try await bench.base.store.events(id: "tick-nightly-2026-01-05T03:00:00.000Z", tenant: "system")
    #expect(events.first?.envelope.payload["previous_at"] == "2026-01-01T03:00:00.000Z")
    #expect(try await bench.scheduler().fireDue().fired == [:])
  }

  @Test("a schedule whose expression or zone changed begins anew", arguments: ["0 11 * * *", "0 3 * * *"])
  func changes(cron: String) async throws {
    try bench.activate(["nightly": "0 3 * * *"])
    try await bench.scheduler().fireDue()
    try bench.advance(to: "2026-01-01T03:00:00Z")
    try await bench.scheduler().fireDue()
    try bench.advance(to: "2026-01-02T12:00:00Z")
    try bench.activate(["nightly": cron], zone: "Asia/Kolkata")
    #expect(try await bench.scheduler().fireDue().fired == [:])
    let next = try await bench.scheduler().fireDue().next
    let times = try ScheduleTimes(Schedule(cron: cron, timeZone: "Asia/Kolkata"))
    #expect(next == times.next(after: bench.time.now))
    bench.time.advance(by: .seconds(86_400))
    #expect(try await bench.scheduler().fireDue().fired["nightly"] == next)
    // What came before it began is no predecessor.
    let id = EventID("tick-nightly-\(next?.description ?? "")")
    let events = try await bench.base.store.events(id: id, tenant: "system")
    #expect(events.first?.envelope.payload["scheduled_at"] == next.map { .string($0.description) })
    #expect(events.first?.envelope.payload["previous_at"] == nil)
  }

  @Test("a wall clock that steps back fires nothing twice")
  func stepsBack() async throws {
    try bench.activate(["nightly": "*/10 * * * *"])
    try await bench.scheduler().fireDue()
    bench.time.advance(by: .seconds(3600))
    try await bench.scheduler().fireDue()
    bench.time.step(by: .seconds(-3000))
    for _ in 0..<5 {
      let pass = try await bench.scheduler().fireDue()
      #expect(pass.fired == [:])
      #expect(pass.next?.description == "2026-01-01T01:10:00.000Z")
      bench.time.advance(by: .seconds(600))
    }
    #expect(bench.time.now.description == "2026-01-01T01:00:00.000Z")
    bench.time.advance(by: .seconds(600))
    #expect(try await bench.scheduler().fireDue().fired == ["nightly": bench.time.now])
    #expect(fired == 2)
  }

  @Test("a tick recorded far ahead of the wall clock, and a schedule that cannot be read, are told of")
  func problems() async throws {
    try bench.activate(["nightly": "0 3 * * *"])
    try await bench.scheduler().fireDue()
    bench.time.step(by: .seconds(400 * 86_400))
    try await bench.scheduler().fireDue()
    bench.time.step(by: .seconds(-400 * 86_400))
    let ahead = try await bench.scheduler().fireDue()
    #expect(ahead.problems["nightly"]?.contains("ahead of the wall clock") == true)
    // Nor can it begin anew before that.
    try bench.activate(["nightly": "0 4 * * *"])
    #expect(try await bench.scheduler().fireDue().problems["nightly"] == ahead.problems["nightly"])
    try bench.activate(["broken": "0 25 * * *", "good": "0 5 * * *"])
    let broken = try await bench.scheduler().fireDue()
    #expect(broken.problems == ["broken": "cron: the hour is '25'; expected a number from 0 to 23"])
    #expect(broken.next?.description == "2026-01-01T05:00:00.000Z")
  }
}
