import Testing
import WorkerKit

@Suite("Planner: join", .timeLimit(.minutes(5)))
struct PlannerJoinTests {
  private func bench(_ join: String) throws -> PlannerBench {
    try PlannerBench(
      """
        look: { uses: a.b, when: { event: { payload: { object_key: [a.png] } } } }
        other: { uses: a.b }
        last: { uses: a.b, needs: [look, other]\(join), with: { v: "${look.verdict:-unknown}" } }
      """)
  }

  @Test(
    "the ends that a join names let the stage run, and others skip or cancel it",
    arguments: [
      ("[succeeded]", .done(#"{"verdict":"clean"}"#), #"{"v":"clean"}"#),
      ("[succeeded]", .broken, "cancelled: look failed"),
      ("[succeeded, failed]", .broken, #"{"v":"unknown"}"#),
      ("[succeeded, failed]", StageResult(state: .timedOut, output: nil), #"{"v":"unknown"}"#),
      ("[succeeded, failed]", StageResult(state: .cancelled, output: nil), "cancelled: look was cancelled"),
      ("[failed]", .done(), "skipped: look succeeded"), ("[failed]", .broken, #"{"v":"unknown"}"#),
      ("[skipped]", .broken, "cancelled: look failed"), ("[skipped]", .done(), "skipped: look succeeded"),
    ] as [(String, StageResult, String)])
  func ends(_ ends: String, _ look: StageResult, _ expected: String) throws {
    let plan = try bench(", join: { look: \(ends) }").next(["look": look, "other": .done()])
    let idle = plan.idle["last"].map { "\($0.kind.rawValue): \($0.reason)" }
    #expect((plan.jobs.map(\.options) + [idle].compactMap(\.self)) == [expected])
  }

  @Test("a skipped need runs a stage only where its join says so")
  func skipped() throws {
    for (ends, isRun) in [("[succeeded, failed]", false), ("[skipped]", true), ("[succeeded, skipped]", true)] {
      var bench = try bench(", join: { look: \(ends) }")
      bench.event = Fixture.event(payload: ["object_key": "b.png"])
      let plan = try bench.next(["other": .done()])
      #expect(plan.jobs.map(\.options) == (isRun ? [#"{"v":"unknown"}"#] : []))
      #expect(plan.idle["last"] == (isRun ? nil : IdleStage(.skipped, reason: "look was skipped")))
      #expect(plan.state == (isRun ? .running : .succeeded))
    }
  }

  @Test("a need that the join does not name must succeed, and nothing is decided before all have ended")
  func others() throws {
    let bench = try bench(", join: { look: [failed] }")
    #expect(try bench.next(["look": .broken, "other": .queued]) == RunPlan())
    let lost = try bench.next(["look": .broken, "other": .broken])
    #expect(lost.idle == ["last": IdleStage(.cancelled, reason: "other failed")] && lost.state == .failed)
    // Skipping goes before cancelling: what is skipped is no failure.
    let both = try bench.next(["look": .done(), "other": .broken])
    #expect(both.idle == ["last": IdleStage(.skipped, reason: "look succeeded")])
  }

  @Test("a replay that mends a need takes back what its failure decided")
  func mended() throws {
    let bench = try bench(", join: { look: [failed] }")
    #expect(try bench.next(["look": .broken, "other": .done()]).jobs.map(\.stage) == ["last"])
    #expect(try bench.next(["look": .queued, "other": .done()]) == RunPlan())
    #expect(try bench.next(["look": .done(), "other": .done()]).idle["last"]?.kind == .skipped)
  }
}
