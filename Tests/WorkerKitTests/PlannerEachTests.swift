import Testing
import WorkerKit

@Suite("Planner: each", .timeLimit(.minutes(5)))
struct PlannerEachTests {
  private static let stages = """
      pages:
        uses: a.b
        each: { in: "${event.payload.pages}", as: page }
        with: { number: "${page.number}", key: "${event.payload.key:-none}" }
      book:
        uses: a.b
        needs: [pages]
        with: { all: "${pages.outputs}", count: "${pages.count}" }
    """

  private static func pages(_ count: Int) -> JSON {
    ["pages": .array((0..<count).map { ["number": .integer(Int64($0))] })]
  }

  private func bench(_ payload: JSON, _ change: (String) -> String = { $0 }) throws -> PlannerBench {
    try PlannerBench(change(Self.stages), payload: payload)
  }

  @Test("each element has a job of its own, with the element in its options")
  func jobs() throws {
    let run = try bench(Self.pages(3)).start()
    #expect(run.plan.jobs.map(\.id) == ["r1-pages.0", "r1-pages.1", "r1-pages.2"])
    #expect(run.plan.jobs.map(\.index) == [0, 1, 2])
    #expect(run.plan.jobs.map(\.options) == (0..<3).map { #"{"key":"none","number":\#($0)}"# })
    let missing = try bench(["pages": [["number": 1], ["n": 2]]]).start()
    #expect(missing.plan.jobs.map(\.options) == [#"{"key":"none","number":1}"#, "? ${page.number}"])
  }

  @Test("an empty list has succeeded at once, and what needs the stage runs")
  func empty() throws {
    let plan = try bench(Self.pages(0)).start().plan
    #expect(plan.jobs.map(\.stage) == ["book"])
    #expect(plan.jobs.map(\.options) == [#"{"all":[],"count":0}"#])
    let alone = try PlannerBench(
      #"  pages: { uses: a.b, each: { in: "${event.payload.pages}" } }"#, payload: Self.pages(0))
    #expect(try alone.start().plan == RunPlan(state: .succeeded))
  }

  @Test("no more jobs are live than parallel says, and the next begins when one ends")
  func parallel() throws {
    let bench = try bench(Self.pages(5)) { $0.replacing("as: page", with: "as: page, parallel: 2") }
    #expect(try bench.start().plan.jobs.map(\.index) == [0, 1])
    #expect(try bench.next([:], elements: ["pages": [.queued, .queued]]).jobs == [])
    #expect(try bench.next([:], elements: ["pages": [.queued, .done()]]).jobs.map(\.index) == [2])
    #expect(try bench.next([:], elements: ["pages": [.broken, .done()]]).jobs.map(\.index) == [2, 3])
    let last = try bench.next([:], elements: ["pages": [.done(), .done(), .done(), .queued]])
    #expect(last.jobs.map(\.index) == [4] && last.state == .running)
  }

  @Test("outputs stand in the order of the list, however the jobs ended in time")
  func outputs() throws {
    let plan = try bench(Self.pages(3)).next(
      [:], elements: ["pages": [.done(#"{"n":0}"#), .done(#"{"n":1}"#), .done(#"{"n":2}"#)]])
    #expect(plan.jobs.map(\.options) == [#"{"all":[{"n":0},{"n":1},{"n":2}],"count":3}"#])
  }

  @Test("one element that fails stops no other, and the stage has failed when all have ended")
  func oneFails() throws {
    let bench = try bench(Self.pages(3))
    let open = try bench.next([:], elements: ["pages": [.broken, .queued, .done()]])
    #expect(open == RunPlan())
    let ended = try bench.next([:], elements: ["pages": [.broken, .done(), .done()]])
    #expect(ended.idle == ["book": IdleStage(.cancelled, reason: "pages did not succeed for 1 of 3 elements")])
    #expect(ended.state == .failed && ended.jobs.isEmpty)
    let joined = try self.bench(Self.pages(3)) {
      $0.replacing("needs: [pages]", with: "needs: [pages]\n    join: { pages: [succeeded, failed] }")
        .replacing("${pages.outputs}", with: "${pages.outputs:-[]}").replacing(
          "${pages.count}", with: "${pages.count:-0}")
    }
    let after = try joined.next([:], elements: ["pages": [.done(#"{"n":0}"#), .broken, .done(#"{"n":2}"#)]])
    #expect(after.jobs.map(\.options) == [#"{"all":[{"n":0},null,{"n":2}],"count":3}"#])
  }

  @Test("1,000 elements are jobs; more, or what is no list, is one dead letter that says so")
  func notAList() throws {
    #expect(try bench(Self.pages(1000)).start().plan.jobs.count == 1000)
    for payload in [Self.pages(1001), ["pages": "three"], ["pages": nil], [:], ["pages": ["number": 1]]] as [JSON] {
      let bench = try bench(payload)
      let jobs = try bench.start().plan.jobs
      #expect(jobs.map(\.id) == ["r1-pages"] && jobs.map(\.index) == [nil])
      #expect(jobs.map(\.options) == ["? each.in ${event.payload.pages}, a list of at most 1000 elements"])
      let dead = try bench.next(["pages": .broken])
      #expect(dead.idle == ["book": IdleStage(.cancelled, reason: "pages failed")] && dead.jobs.isEmpty)
    }
  }

  @Test("a list may be the output of a stage before, and a stage whose condition is false has no jobs")
  func listOfAStage() throws {
    let stages = """
        look: { uses: a.b }
        pages:
          uses: a.b
          needs: [look]
          when: { look: { kind: [book] } }
          each: { in: "${look.pages}" }
          with: { v: "${item}" }
      """
    let bench = try PlannerBench(stages)
    let book = try bench.next(["look": .done(#"{"kind":"book","pages":["a","b"]}"#)])
    #expect(book.jobs.map(\.options) == [#"{"v":"a"}"#, #"{"v":"b"}"#])
    let leaf = try bench.next(["look": .done(#"{"kind":"leaf","pages":["a","b"]}"#)])
    #expect(leaf.jobs.isEmpty && leaf.idle["pages"]?.kind == .skipped && leaf.state == .succeeded)
  }
}
