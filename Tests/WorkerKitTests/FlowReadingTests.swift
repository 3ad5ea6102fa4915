import Testing
import WorkerKit

@Suite("Turns and limits: reading", .timeLimit(.minutes(5)))
struct FlowReadingTests {
  private func pipeline(_ stages: String, tail: String = "") throws -> Pipeline {
    try Pipeline.compile("pipeline: p\ntrigger: { event: A }\n\(tail)\nstages:\n\(stages)\n", file: "p.yaml")
  }

  private func policy(_ keys: String, tail: String = "") throws -> StagePolicy {
    try #require(try pipeline("  s: { uses: a.b, \(keys) }", tail: tail).stage("s")).policy
  }

  private static let tenant = Template.reference(Reference(root: "event", path: ["tenant_id"]))
  private static let plan = Template.reference(Reference(root: "event", path: ["context", "plan"]))

  @Test(
    "a rate is a count and a time",
    arguments: [
      ("20/s", 20, .seconds(1), 2), ("100/m", 100, .seconds(60), 1), ("5000/h", 5000, .seconds(3600), 1),
      ("1/10s", 1, .seconds(10), 1), ("10000/s", 10_000, .seconds(1), 1000), ("3/100ms", 3, .milliseconds(100), 3),
      ("1000000/d", 1_000_000, .seconds(86_400), 1), ("10/ms", 10, .milliseconds(1), 1000),
      ("600/1m", 600, .seconds(60), 1),
    ] as [(String, Int, Duration, Int)])
  func rates(_ text: String, _ count: Int, _ per: Duration, _ burst: Int) throws {
    let rate = try #require(try policy("limit: { rate: \(text) }").limits?.first?.rule.rate)
    #expect(rate == Rate(count, per: per) && rate.burst == burst)
    #expect(try policy("limit: { rate: \(text), burst: 7 }").limits?.first?.rule.rate?.burst == 7)
    let written = try #require(RateText.read(RateText.write(rate)))
    #expect(written == (count, per))
  }

  @Test("a rate is written in the shortest way")
  func written() {
    let rates = [
      Rate(20, per: .seconds(1)), Rate(1, per: .seconds(10)), Rate(5, per: .seconds(60)),
      Rate(2, per: .milliseconds(1)),
      Rate(2, per: .milliseconds(1500)), Rate(9, per: .seconds(86_400)),
    ]
    #expect(rates.map { RateText.write($0) } == ["20/s", "1/10s", "5/m", "2/ms", "2/1500ms", "9/d"])
  }

  @Test(
    "what is no rate, or out of bounds, is refused",
    arguments: [
      "20", "20/", "/s", "s", "0/s", "-1/s", "1.5/s", "20/s/s", "20 / s", "20/sec", "20/0s", "10001/s", "11/1ms",
      "1000001/d", "1/2d", "1/25h", "20/-1s", "twenty/s", "99999999999999999999/s", "\"\"", "[20/s]", "~",
    ])
  func noRates(_ text: String) {
    let error = #expect(throws: PipelineFileError.self) { try policy("limit: { rate: \(text) }") }
    #expect(error?.problems.map(\.description) == ["p.yaml:5:34: error P009: stages.s.limit.rate \(rateForm)"])
  }

  @Test("a limit has a key or none, and there may be several")
  func limits() throws {
    let both = try policy("limit: { key: \"${event.tenant_id}\", rate: 20/s, concurrency: 4 }")
    #expect(
      both.limits == [LimitPolicy(key: Self.tenant, rule: LimitRule(rate: Rate(20, per: .seconds(1)), concurrency: 4))])
    let several = try policy("limit: [{ concurrency: 9 }, { key: \"t ${event.tenant_id}\", concurrency: 2 }]")
    #expect(several.limits?.map(\.rule) == [LimitRule(concurrency: 9), LimitRule(concurrency: 2)])
    #expect(
      several.limits?.map(\.key)
        == [nil, .text([.literal("t "), .reference(Reference(root: "event", path: ["tenant_id"]))])])
    let most = (1...8).map { "{ concurrency: \($0) }" }.joined(separator: ", ")
    #expect(try policy("limit: [\(most)]").limits?.count == 8)
  }

  @Test("defaults hold for each stage by itself, which may have its own or none")
  func defaults() throws {
    let stages = """
        a: { uses: a.b }
        b: { uses: a.b, limit: { rate: 1/m }, fair_by: "${event.actor_id}" }
        c: { uses: a.b, limit: null, fair_by: null }
      """
    let defaults = "defaults: { limit: [{ concurrency: 2 }, { rate: 5/s }], fair_by: { weight: 3 } }"
    let pipeline = try pipeline(stages, tail: defaults)
    #expect(pipeline.stages.map { $0.policy.limits?.count } == [2, 1, nil])
    #expect(
      pipeline.stages.map(\.policy.fairBy) == [
        FairPolicy(weight: .literal(3)), FairPolicy(key: .reference(Reference(root: "event", path: ["actor_id"]))), nil,
      ])
    #expect(
      PipelineSet([pipeline]).limits == [
        "p/a/0": LimitRule(concurrency: 2), "p/a/1": LimitRule(rate: Rate(5, per: .seconds(1))),
        "p/b/0": LimitRule(rate: Rate(1, per: .seconds(60))),
      ])
  }

  @Test("turns are by a key, a weight, or both, at the top, under defaults and on a stage")
  func turns() throws {
    let weighed = "{ key: \"${event.tenant_id}\", weight: \"${event.context.plan}\", weights: { free: 1, pro: 4 } }"
    let policies = [
      try policy("fair_by: \(weighed)"), try policy("queue: q", tail: "fair_by: \(weighed)"),
      try policy("queue: q", tail: "defaults: { fair_by: \(weighed) }"),
      try policy("fair_by: \(weighed)", tail: "fair_by: a"),
    ]
    let expected = FairPolicy(key: Self.tenant, weight: Self.plan, weights: ["free": 1, "pro": 4])
    for policy in policies { #expect(policy.fairBy == expected) }
    #expect(try policy("fair_by: ~", tail: "fair_by: a").fairBy == nil)
    #expect(try policy("fair_by: one").fairBy == FairPolicy(key: .literal("one")))
    #expect(try policy("fair_by: { weight: 1000 }").fairBy == FairPolicy(weight: .literal(1000)))
    #expect(try policy("fair_by: { weight: \"${event.context.plan}\" }").fairBy == FairPolicy(weight: Self.plan))
  }

  @Test("keys of limits and turns may be of an element, where each makes the jobs")
  func elements() throws {
    let keys = "limit: { key: \"${page.host}\", rate: 1/s }, fair_by: \"${page.host}\""
    let policy = try policy("each: { in: \"${event.payload.pages}\", as: page }, \(keys)")
    let host = Template.reference(Reference(root: "page", path: ["host"]))
    #expect(policy.limits?.map(\.key) == [host] && policy.fairBy?.key == host)
  }
}
