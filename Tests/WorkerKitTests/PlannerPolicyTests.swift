import Testing
import WorkerKit

@Suite("Planner: policies", .timeLimit(.minutes(5)))
struct PlannerPolicyTests {
  private func jobs(_ stages: String, tail: String = "", payload: JSON = ["object_key": "a.png"]) throws -> [NewJob] {
    try PlannerBench(stages, tail: tail, payload: payload).start().plan.jobs
  }

  @Test("queue, priority and lease come from the stage, the defaults, the worker, or nowhere")
  func defaults() throws {
    let stages = """
        own: { uses: a.b, queue: quick, priority: high, lease: 5s }
        plain: { uses: media.thumbnails }
        none: { uses: media.thumbnails, queue: ~, priority: ~, lease: ~, serial_by: ~ }
      """
    let jobs = try jobs(
      stages, tail: "defaults: { queue: slow, priority: low, lease: 2m, serial_by: '${event.resource.id}' }")
    #expect(jobs.map(\.queue) == ["quick", "slow", "pictures"])
    #expect(jobs.map(\.priority) == [.high, .low, .normal])
    #expect(jobs.map(\.lease) == [.seconds(5), .seconds(120), nil])
    #expect(
      jobs.map(\.ordering) == [JobOrdering(serial: .init(key: "d1")), JobOrdering(serial: .init(key: "d1")), nil])
  }

  @Test("a serial stage takes its turn when the run begins, whenever its job comes")
  func turns() throws {
    let bench = try PlannerBench(
      """
        first: { uses: a.b }
        second: { uses: a.b, needs: [first], serial_by: { key: "doc ${event.resource.id}", on_dead: block } }
        third: { uses: a.b, serial_by: "${event.payload.size}" }
      """, payload: ["size": ["w": 1]])
    let run = try bench.start()
    #expect(run.turns == [Turn(stage: "second", key: "doc d1"), Turn(stage: "third", key: #"{"w":1}"#)])
    #expect(run.plan.jobs.map(\.ordering?.serial) == [nil, .init(key: #"{"w":1}"#)])
    let next = try bench.next(["first": .done(), "third": .queued])
    #expect(next.jobs.map(\.ordering) == [JobOrdering(serial: .init(key: "doc d1", onDead: .block))])
    #expect(next.freed == [])
  }

  @Test("a stage that is skipped or cancelled frees its turn")
  func freed() throws {
    let stages = """
        first: { uses: a.b }
        second: { uses: a.b, needs: [first], when: { first: { go: [true] } }, serial_by: "${event.resource.id}" }
        third: { uses: a.b, needs: [second], serial_by: "${event.id}" }
      """
    let turns = [Turn(stage: "second", key: "d1"), Turn(stage: "third", key: "e1")]
    let bench = try PlannerBench(stages)
    #expect(try bench.start().turns == turns)
    #expect(try bench.next(["first": .broken]).freed == turns)
    #expect(try bench.next(["first": .done(#"{"go":false}"#)]).freed == turns)
    #expect(try bench.next(["first": .done(#"{"go":true}"#)]).freed == [])
    #expect(try bench.next(["first": .done(), "second": .broken]).freed == [Turn(stage: "third", key: "e1")])
  }

  @Test("a key that leads to nothing takes no turn, and its job is a dead letter that names it")
  func missingKeys() throws {
    for policy in [
      "serial_by: '${event.payload.none}'", "execution_key: ['${event.payload.none}']",
      "coalesce: { key: '${event.payload.none}', quiet: 1s, max_wait: 2s }",
    ] {
      let run = try PlannerBench("  a: { uses: a.b, \(policy) }").start()
      #expect(run.turns == [])
      #expect(run.plan.jobs.map(\.options) == ["? ${event.payload.none}"] && run.plan.jobs.first?.ordering == nil)
    }
  }

  @Test("a coalescing stage names its window, and the value that tells newer from older where there is one")
  func windows() throws {
    let stage = """
        keep:
          uses: a.b
          coalesce:
            { key: "${event.resource.id}", quiet: 1s, max_wait: 10s, newest_by: "${event.payload.revision}" }
      """
    let window: (JSON?) -> JobOrdering = { value in
      JobOrdering(window: .init(key: "d1", quiet: .seconds(1), maxWait: .seconds(10), value: value))
    }
    #expect(try jobs(stage, payload: ["revision": 7]).map(\.ordering) == [window(7)])
    #expect(try jobs(stage, payload: [:]).map(\.ordering) == [window(nil)])
  }

  @Test("an execution key is the same for the same fields of one worker, and else another")
  func executions() throws {
    func key(_ worker: String, _ fields: String, _ payload: JSON = ["hash": "h"]) throws -> String? {
      try jobs("  a: { uses: \(worker), execution_key: \(fields) }", payload: payload).first?.ordering?.execution
    }
    let first = try #require(try key("a.b", "['${event.payload.hash}', v2]"))
    #expect(first.count == 64)
    #expect(try key("a.b", "['${event.payload.hash}', v2]", ["hash": "h", "else": 1]) == first)
    #expect(try key("a.c", "['${event.payload.hash}', v2]") != first)
    #expect(try key("a.b", "['${event.payload.hash}', v3]") != first)
    // Fields are kept apart: "h", "v2" is not "hv", "2".
    #expect(try key("a.b", "[hv, '2']") != key("a.b", "[h, v2]"))
    let elements = try jobs(
      "  a: { uses: a.b, each: { in: '${event.payload.list}' }, execution_key: ['${item}'] }",
      payload: ["list": ["x", "y", "x"]]
    ).map(\.ordering?.execution)
    #expect(elements.first == elements.last && elements[0] != elements[1])
  }

  private static let failing = """
      scan: { uses: a.b }
      convert:
        uses: a.b
        needs: [scan]
        on_failure:
          event: ConversionFailed
          payload: { scan: "${scan.verdict}", why: "${failure.kind} ${failure.code}: ${failure.message}" }
    """

  @Test("a dead letter is told of once, with what went wrong, under the same id in every plan")
  func onFailure() throws {
    let bench = try PlannerBench(Self.failing)
    let scan = StageResult.done(#"{"verdict":"clean"}"#)
    let plan = try bench.next(["scan": scan, "convert": .broken])
    let event = try #require(plan.emits.first)
    #expect(plan.emits.count == 1 && plan.state == .failed)
    #expect(event.type == "ConversionFailed" && event.hops == 1 && event.source == "millrace/p")
    #expect(event.payload == ["scan": "clean", "why": "poison truncated_picture: The picture ends too early."])
    #expect(try bench.next(["scan": scan, "convert": .broken]).emits.map(\.id) == [event.id])
    for state in [JobState.cancelled, .succeeded, .running] {
      #expect(try bench.next(["scan": scan, "convert": StageResult(state: state, output: nil)]).emits.isEmpty)
    }
    // What never ran has not failed.
    #expect(try bench.next(["scan": .broken]).emits.isEmpty)
  }

  @Test("of many elements that fail, the first tells; a payload that leads to nothing is a problem of the run")
  func onFailureOfMany() throws {
    let stages = """
        all:
          uses: a.b
          each: { in: "${event.payload.list}" }
          on_failure: { event: AllFailed, payload: { code: "${failure.code}" } }
      """
    let bench = try PlannerBench(stages, payload: ["list": [1, 2, 3]])
    let other = StageResult(state: .timedOut, output: nil, failure: Failure(.deadline, "deadline", "It took too long."))
    let plan = try bench.next([:], elements: ["all": [.done(), other, .broken]])
    #expect(plan.emits.map(\.payload) == [["code": "deadline"]])
    let missing = try PlannerBench(Self.failing).next(["scan": .done(), "convert": .broken])
    #expect(missing.emits.isEmpty)
    #expect(missing.problems == ["ConversionFailed was not emitted: ${scan.verdict} leads to nothing"])
  }
}
