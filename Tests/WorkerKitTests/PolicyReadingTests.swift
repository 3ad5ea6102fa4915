import Foundation
import Testing
import WorkerKit

/// A file with every key that there is.
enum FullPipeline {
  static let text = """
    pipeline: full
    trigger: { event: DocumentSaved }
    fair_by: { weight: "${event.context.plan}", weights: { free: 1, pro: 4 } }
    defaults:
      limit: [{ concurrency: 100 }, { key: "${event.tenant_id}", rate: 20/s, burst: 5, concurrency: 4 }]
      queue: slow
      priority: low
      timeout: 5m
      retry: { attempts: 9 }
      execution_key: ["${event.payload.hash}", v2]
      isolation: { process: true, memory: 512MiB, cpu: 90s, files: 64, file_size: 1GiB }
      on_failure: { event: StageFailed, payload: { why: "${failure.kind}", id: "${event.id}" } }
    stages:
      scan:
        uses: a.scan
        serial_by: ${event.resource.id}
        lease: 30s
      save:
        uses: a.save
        queue: fast
        priority: high
        limit: null
        fair_by: { key: "${event.actor_id:-nobody}", weight: 3 }
        serial_by: { key: "doc-${event.resource.id}", on_dead: block }
        coalesce:
          key: ${event.resource.id}
          quiet: 500ms
          max_wait: 1m
          newest_by: ${event.payload.version}
        isolation: { process: false }
        execution_key: null
      pages:
        uses: a.page
        needs: [scan]
        each: { in: "${scan.pages:-[]}", as: page, parallel: 4 }
        execution_key: ["${page.hash}", "${scan.version}"]
        limit: { key: "${page.host} ${scan.version}", rate: 1/10s }
        fair_by: ${page.owner}
        on_failure:
          event: PageFailed
          payload: { text: "${failure.code}: ${failure.message}", scan: "${scan.version}" }
        with: { url: "${page.url}", number: "${page}" }
      join:
        uses: a.join
        needs: [pages, save]
        join: { pages: [succeeded, failed, skipped], save: [failed] }
        batch: { size: 200, wait: 100ms }
        when: { pages: { count: [{ numeric: [">", 0] }] } }
        with: { texts: "${pages.outputs:-[]}", label: "n ${pages.count:-0} ${scan.title:-}" }

    """

  static func stage(_ name: StageName) throws -> Stage {
    try #require(try Pipeline.compile(text, file: "full.yaml").stage(name))
  }
}

@Suite("Policies: reading", .timeLimit(.minutes(5)))
struct PolicyReadingTests {
  private func event(_ path: String...) -> Reference { Reference(root: "event", path: path) }

  @Test("a stage without keys of its own has the defaults")
  func defaults() throws {
    let policy = try FullPipeline.stage("scan").policy
    #expect(policy.queue == "slow" && policy.priority == .low && policy.timeout == .seconds(300))
    #expect(policy.retry == RetryPolicy(attempts: 9))
    #expect(policy.executionKey == [.reference(event("payload", "hash")), .literal("v2")])
    #expect(
      policy.isolation
        == IsolationPolicy(memoryBytes: 512 << 20, cpuSeconds: 90, fileBytes: 1 << 30, openFiles: 64))
    #expect(
      policy.onFailure
        == FailureEvent(
          event: "StageFailed",
          payload: .object([
            "why": .reference(Reference(root: "failure", path: ["kind"])), "id": .reference(event("id")),
          ])))
    #expect(policy.serialBy == SerialPolicy(key: .reference(event("resource", "id")), onDead: .skip))
    #expect(policy.lease == .seconds(30) && policy.coalesce == nil && policy.batch == nil)
  }

  @Test("what a stage gives counts whole, and null or process: false takes a default away")
  func ownKeys() throws {
    let policy = try FullPipeline.stage("save").policy
    #expect(policy.queue == "fast" && policy.priority == .high && policy.timeout == .seconds(300))
    #expect(policy.isolation == nil && policy.executionKey == nil && policy.onFailure?.event == "StageFailed")
    #expect(
      policy.serialBy
        == SerialPolicy(
          key: .text([.literal("doc-"), .reference(event("resource", "id"))]), onDead: .block))
    #expect(
      policy.coalesce
        == CoalescePolicy(
          key: .reference(event("resource", "id")), quiet: .milliseconds(500), maxWait: .seconds(60),
          newestBy: event("payload", "version")))
  }

  @Test("defaults and stages are not mixed within a key")
  func wholeKeys() throws {
    let text = """
      pipeline: p
      trigger: { event: A }
      defaults: { retry: { attempts: 9, backoff: { initial: 2s } } }
      stages: { s: { uses: a.b, retry: { backoff: { max: 1m } } } }
      """
    let retry = try Pipeline.compile(text, file: "p.yaml").stage("s")?.retry
    #expect(retry == RetryPolicy(attempts: 6, initial: .seconds(1), longest: .seconds(60)))
  }

  @Test("a stage with each names its list, its element and how many at once")
  func fanout() throws {
    let stage = try FullPipeline.stage("pages")
    let list = Reference(root: "scan", path: ["pages"], fallback: [])
    #expect(stage.each == Fanout(list: list, name: "page", parallel: 4))
    #expect(stage.policy.executionKey?.first == .reference(Reference(root: "page", path: ["hash"])))
    #expect(stage.policy.onFailure?.event == "PageFailed")
  }

  @Test("an element is called item, and all jobs may be live at once, unless the file says otherwise")
  func plainFanout() throws {
    let text = """
      pipeline: p
      trigger: { event: A }
      stages: { s: { uses: a.b, each: { in: "${event.payload.list}" }, with: { v: "${item}" } } }
      """
    let stage = try #require(try Pipeline.compile(text, file: "p.yaml").stage("s"))
    #expect(stage.each == Fanout(list: event("payload", "list"), name: "item", parallel: nil))
  }

  @Test("a join names ends by need, and references have fallbacks")
  func join() throws {
    let stage = try FullPipeline.stage("join")
    #expect(stage.join == ["pages": [.succeeded, .failed, .skipped], "save": [.failed]])
    #expect(stage.policy.batch == BatchPolicy(size: 200, wait: .milliseconds(100)))
    #expect(
      stage.with
        == .object([
          "texts": .reference(Reference(root: "pages", path: ["outputs"], fallback: [])),
          "label": .text([
            .literal("n "), .reference(Reference(root: "pages", path: ["count"], fallback: 0)), .literal(" "),
            .reference(Reference(root: "scan", path: ["title"], fallback: "")),
          ]),
        ]))
  }

  @Test(
    "a schedule is a trigger of its own",
    arguments: [
      ("cron: \"0 3 * * *\", time_zone: Europe/Berlin", Schedule(cron: "0 3 * * *", timeZone: "Europe/Berlin")),
      ("cron: \"*/15 8-18 1,15 JAN-mar mon\"", Schedule(cron: "*/15 8-18 1,15 JAN-mar mon", timeZone: "UTC")),
      ("cron: \"* * * * *\", time_zone: Etc/GMT+5", Schedule(cron: "* * * * *", timeZone: "Etc/GMT+5")),
    ])
  func schedule(_ keys: String, _ expected: Schedule) throws {
    let text = "pipeline: nightly\ntrigger: { \(keys) }\nstages: { s: { uses: a.b } }\n"
    let trigger = try Pipeline.compile(text, file: "p.yaml").trigger
    #expect(trigger.schedule == expected && trigger.event == Schedule.eventType)
    #expect(trigger.mismatch(["type": "ScheduleTick", "payload": ["pipeline": "nightly"]]) == nil)
    #expect(trigger.mismatch(["type": "ScheduleTick", "payload": ["pipeline": "weekly"]]) != nil)
  }

  @Test("a stored revision compiles where its zone is not known, and a check says that it is not")
  func zones() throws {
    let trigger = "trigger: { cron: '@daily', time_zone: Europe/Atlantis }"
    let text = "pipeline: p\n\(trigger)\nstages: { s: { uses: media.scan } }\n"
    #expect(try Pipeline.compile(text, file: "p.yaml").trigger.schedule?.timeZone == "Europe/Atlantis")
    let error = #expect(throws: PipelineFileError.self) {
      try Pipeline.compile(text, file: "p.yaml", registry: try Fixture.registry())
    }
    #expect(error?.problems.first?.code == .invalidSchedule)
    let hour = text.replacing("@daily", with: "0 24 * * *")
    #expect(throws: PipelineFileError.self) { try Pipeline.compile(hour, file: "p.yaml") }
  }

  @Test(
    "a fallback is JSON, or the text as it stands",
    arguments: [
      ("a:-b", "b"), ("a:-", ""), ("a:-12", 12), ("a:-null", nil), ("a:-[1, {\"b\": \"}\"}]", [1, ["b": "}"]]),
      ("a:-{}", [:]), ("a:-{\"k\": {\"l\": 1}}", ["k": ["l": 1]]), ("a:-\"12\"", "12"), ("a:-[draft]", "[draft]"),
      ("a:-\"\\\"}\"", "\"}"), ("a:-b:-c", "b:-c"), ("a:- b ", " b "), ("a.b-:-x", "x"), ("a:-{draft}", "{draft}"),
    ] as [(String, JSON)])
  func fallbacks(_ words: String, _ expected: JSON) throws {
    let stages = "stages: { s: { uses: a.b, with: { v: '${event.payload.\(words)}' } } }"
    let text = "pipeline: p\ntrigger: { event: A }\n\(stages)\n"
    let stage = try #require(try Pipeline.compile(text, file: "p.yaml").stage("s"))
    #expect(stage.with.references.map(\.fallback) == [expected])
  }

  @Test("a description reads back as the reference that it describes")
  func description() throws {
    for fallback: JSON? in [nil, "x y", ["a": "}"], [], 1, .null] {
      let reference = Reference(root: "event", path: ["payload", "x"], fallback: fallback)
      let text = "pipeline: p\ntrigger: { event: A }\nstages: { s: { uses: a.b, with: { v: '\(reference)' } } }\n"
      #expect(try Pipeline.compile(text, file: "p.yaml").stage("s")?.with == .object(["v": .reference(reference)]))
    }
  }
}
