import Testing
import WorkerKit

@Suite("Planner: turns and limits", .timeLimit(.minutes(5)))
struct PlannerFlowTests {
  /// The flows of the jobs that an event starts; its tenant is acme.
  private func flows(_ stages: String, tail: String = "", payload: JSON = [:]) throws -> [JobFlow?] {
    try PlannerBench(stages, tail: tail, payload: payload).start().plan.jobs.map(\.ordering?.flow)
  }

  private func flow(_ keys: String, payload: JSON = [:]) throws -> JobFlow? {
    try #require(try flows("  a: { uses: a.b, \(keys) }", payload: payload).first)
  }

  @Test("a job of which all is as usual keeps nothing")
  func usual() throws {
    let usual = [
      "queue: q", "fair_by: \"${event.tenant_id}\"", "fair_by: { weight: 1 }", "fair_by: \"${event.payload.none}\"",
      "fair_by: acme", "fair_by: { key: \"${event.payload.none}\", weight: \"${event.payload.none}\" }",
      "fair_by: \"${event.payload.empty}\"", "fair_by: \"${event.payload.null}\"",
    ]
    for keys in usual {
      let jobs = try PlannerBench("  a: { uses: a.b, \(keys) }", payload: ["empty": "", "null": .null]).start().plan
        .jobs
      #expect(jobs.map(\.ordering) == [nil], "\(keys)")
    }
  }

  @Test("who takes turns is what the key says, with the values of the event")
  func fairKeys() throws {
    #expect(try flow("fair_by: \"${event.payload.project}\"", payload: ["project": "p7"]) == JobFlow(fairKey: "p7"))
    #expect(try flow("fair_by: \"${event.payload.project}\"", payload: ["project": 7]) == JobFlow(fairKey: "7"))
    #expect(try flow("fair_by: \"${event.tenant_id} ${event.resource.id}\"") == JobFlow(fairKey: "acme d1"))
    let top = try flows("  a: { uses: a.b }\n  b: { uses: a.b, fair_by: null }", tail: "fair_by: ${event.resource.id}")
    #expect(top == [JobFlow(fairKey: "d1"), nil])
  }

  @Test(
    "a weight is looked up by its text, or is the number itself; what is unknown has 1, and bounds hold",
    arguments: [
      ("pro", 4, 1), ("free", 1, 1), ("none", 1, 1), (nil, 1, 1), (.null, 1, 1), (7, 70, 7), ("7", 70, 7), (0, 1, 1),
      (-3, 1, 1), (5000, 1, 1000), (.integer(.max), 1, 1000), (true, 3, 1), (2.5, 1, 1), (["pro"], 1, 1),
    ] as [(JSON?, Int, Int)])
  func weights(_ plan: JSON?, _ lookedUp: Int, _ itself: Int) throws {
    let payload: JSON = plan.map { ["plan": $0] } ?? [:]
    let weights = "weights: { free: 1, pro: 4, \"7\": 70, \"true\": 3 }"
    let keys = "fair_by: { weight: \"${event.payload.plan}\", \(weights) }"
    #expect(try flow(keys, payload: payload)?.weight ?? 1 == lookedUp)
    #expect(try flow("fair_by: { weight: \"${event.payload.plan}\" }", payload: payload)?.weight ?? 1 == itself)
  }

  @Test("each limit counts its key under its name, which is its place; without a key all jobs count together")
  func limits() throws {
    let limits =
      "[{ concurrency: 9 }, { key: \"${event.tenant_id}\", rate: 1/s }, { key: \"${event.payload.n}\", rate: 1/s }]"
    #expect(
      try flow("limit: \(limits)", payload: ["n": 5])
        == JobFlow(limits: [LimitKey("p/a/0", ""), LimitKey("p/a/1", "acme"), LimitKey("p/a/2", "5")]))
    let defaults = try flows("  a: { uses: a.b }\n  b: { uses: a.b }", tail: "defaults: { limit: { rate: 1/s } }")
    #expect(defaults.map { $0?.limits } == [[LimitKey("p/a/0", "")], [LimitKey("p/b/0", "")]])
  }

  @Test("keys may be of outputs that are sure, and of elements")
  func sources() throws {
    let bench = try PlannerBench(
      """
        look: { uses: a.b }
        call: { uses: a.b, needs: [look], limit: { key: "${look.host}", rate: 1/s }, fair_by: "${look.host}" }
        all:
          uses: a.b
          each: { in: "${event.payload.list}" }
          limit: { key: "${item}", concurrency: 1 }
          fair_by: { key: "${item}", weight: "${item}", weights: { x: 5 } }
      """, payload: ["list": ["x", "y"]])
    let first = try bench.start().plan.jobs
    #expect(
      first.map(\.ordering?.flow) == [
        nil, JobFlow(fairKey: "x", weight: 5, limits: [LimitKey("p/all/0", "x")]),
        JobFlow(fairKey: "y", limits: [LimitKey("p/all/0", "y")]),
      ])
    let next = try bench.next(
      ["look": .done(#"{"host":"h"}"#)], elements: ["all": [StageResult.queued, StageResult.queued]])
    #expect(next.jobs.map(\.ordering?.flow) == [JobFlow(fairKey: "h", limits: [LimitKey("p/call/0", "h")])])
  }

  @Test("a limit's key that leads to nothing makes a dead letter that names it")
  func missingKeys() throws {
    let jobs = try PlannerBench("  a: { uses: a.b, limit: { key: 't ${event.payload.none}', rate: 1/s } }").start().plan
      .jobs
    #expect(jobs.map(\.options) == ["? ${event.payload.none}"] && jobs.first?.ordering == nil)
  }

  @Test("a flow goes with turns, windows and execution keys, and orders nothing by itself")
  func beside() throws {
    let keys = "serial_by: \"${event.resource.id}\", limit: { concurrency: 1 }"
    let job = try #require(try PlannerBench("  a: { uses: a.b, \(keys) }").start().plan.jobs.first)
    #expect(
      job.ordering
        == JobOrdering(serial: .init(key: "d1"), flow: JobFlow(limits: [LimitKey("p/a/0", "")])))
    let plain = try #require(try PlannerBench("  a: { uses: a.b, limit: { concurrency: 1 } }").start().plan.jobs.first)
    #expect(plain.ordering?.orders == false)
  }

  @Test("a key that is long, or that not every database can hold, is kept as its hash, and stays one key")
  func longKeys() throws {
    let keys = "fair_by: \"${event.payload.key}\", limit: { key: \"${event.payload.key}\", rate: 1/s }"
    func kept(_ key: String) throws -> (fair: String?, limit: String?) {
      let flow = try flow(keys, payload: ["key": .string(key)])
      return (flow?.fairKey, flow?.limits.first?.key)
    }
    let fits = String(repeating: "k", count: JobFlow.keyBytes)
    #expect(try kept(fits) == (fits, fits))
    for key in [fits + "k", "a\u{0}b", String(repeating: "é", count: 150)] {
      let (fair, limit) = try kept(key)
      #expect(fair == limit && limit?.hasPrefix("sha256:") == true && limit?.utf8.count == 71)
      #expect(try kept(key + "x").limit != limit)
    }
  }
}
