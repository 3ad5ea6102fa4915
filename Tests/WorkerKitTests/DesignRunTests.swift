import Foundation
import Testing
import WorkerKit
import WorkerKitTesting

/// Uploads through the pipeline that uses most of what pipelines have: the planner, a store, and outcomes as a test
/// wants them.
@Suite("Pipelines: runs of the large example", .timeLimit(.minutes(5)))
struct DesignRunTests {
  private let environment = Environment.test(seed: 1)
  private let pair: SeamPair
  private let pipelines: PipelineSet
  private let library = PipelineLibrary()
  private let planner: Planner

  /// What came of an upload.
  private struct Story {
    /// The jobs in the order in which they ran, each with its options.
    var ran: [String] = []
    let run: RunRecord
    let emitted: [EventEnvelope]
    let jobs: [Job]
  }

  init() async throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fixtures/pipelines/media-design.yaml")
    let registry = try DesignWorkers.registry()
    let text = try String(contentsOf: file, encoding: .utf8)
    pipelines = PipelineSet([try Pipeline.compile(text, file: "media-design.yaml", registry: registry)])
    pair = try await SeamDriver.inMemory.open(environment)
    planner = Planner(registry: registry, environment: environment)
  }

  private static let upload = EventEnvelope(
    id: "upload-1", type: "MediaUploaded", occurredAt: Timestamp(milliseconds: 0), tenant: "acme", actor: "ada",
    resource: .init(kind: "media", id: "m1"),
    payload: ["object_key": "cat.png", "content_type": "image/png", "caption": "A cat"])

  /// Lets an upload run to its end; stages that are not named succeed with an empty output.
  private func play(_ outcomes: [StageName: Outcome]) async throws -> Story {
    _ = try await pair.store.record([Self.upload])
    let plan = library.routePlanner(pipelines, planner: planner)
    let courier = Courier(store: pair.store, queue: pair.queue)
    try await courier.deliver(try await pair.store.route(limit: 10, plan: plan).handoff)
    var ran: [String] = []
    while let lease = try await lease() {
      guard case .job(let job)? = try await pair.store.load([lease]).first, case .resolved(let options) = job.input
      else {
        Issue.record("A job cannot be run: \(lease)")
        break
      }
      ran.append("\(job.stage) \(String(decoding: options, as: UTF8.self))")
      let outcome = outcomes[job.stage] ?? .succeeded(output: Array("{}".utf8), artifacts: [])
      let settlement = Settlement(
        authority: lease.authority, outcome: outcome, host: "host", startedAt: environment.time.now)
      let result = try await pair.store.settle([settlement], plan: library.settlePlanner(planner))
      #expect(result.answers == [.settled])
      try await courier.deliver(result.handoff)
      _ = try await pair.queue.finish([lease.authority])
    }
    let run = try #require(try await pair.store.runs(RunFilter()).first)
    let events = try await pair.store.events(EventFilter()).events.map(\.envelope).filter { $0.hops > 0 }
    return Story(ran: ran, run: run, emitted: events, jobs: try await pair.store.jobs(of: run.id))
  }

  private func lease() async throws -> Lease? {
    try await pair.queue.lease(
      LeaseRequest(queue: "media", limit: 1, length: .seconds(15), host: "host", wait: .zero)
    ).first
  }

  private static func output(_ text: String) -> Outcome { .succeeded(output: Array(text.utf8), artifacts: []) }
  private static let dead = Outcome.failed(Failure(.poison, "truncated_picture", "The picture ends too early."))
  private static let scan = #"scan {"object":"cat.png"}"#
  private static let thumbnails = #"thumbnails {"format":"webp","object":"cat.png","widths":[128,512,1600]}"#
  private static let index = #"index {"id":"m1","index":"media","text":"A cat"}"#

  @Test("a clean upload has thumbnails, is indexed and told of; nothing is put in quarantine")
  func clean() async throws {
    let story = try await play([
      "scan": Self.output(#"{"verdict":"clean"}"#), "thumbnails": Self.output(#"{"files":["cat-128.webp"]}"#),
    ])
    #expect(story.ran.prefix(2) == [Self.scan, Self.thumbnails])
    #expect(Set(story.ran.dropFirst(2)) == [Self.index, #"tell {"template":"media-ready","user":"ada"}"#])
    #expect(
      story.run.standing.idle == ["quarantine": IdleStage(.skipped, reason: #"scan.verdict is not "infected""#)])
    #expect(story.run.standing.state == .succeeded && story.run.standing.problems.isEmpty)
    #expect(story.emitted.map(\.type) == ["MediaProcessed"])
    #expect(story.emitted.first?.payload == ["object": "cat.png", "thumbnails": ["cat-128.webp"]])
    let ordering = story.jobs.first { $0.stage == "index" }?.ordering
    #expect(ordering == JobOrdering(serial: .init(key: "m1")))
  }

  @Test("an infected upload is put in quarantine, and is neither shown nor found")
  func infected() async throws {
    let story = try await play(["scan": Self.output(#"{"verdict":"infected","signature":"Eicar"}"#)])
    #expect(story.ran == [Self.scan, #"quarantine {"object":"cat.png"}"#])
    let idle = story.run.standing.idle
    #expect(idle["thumbnails"] == IdleStage(.skipped, reason: #"scan.verdict is not "clean""#))
    #expect(idle["index"] == IdleStage(.skipped, reason: "thumbnails was skipped"))
    #expect(idle["tell"] == IdleStage(.skipped, reason: "thumbnails was skipped"))
    #expect(idle.count == 3 && story.run.standing.state == .succeeded)
    #expect(story.emitted.map(\.type) == ["MediaRejected"])
    #expect(story.emitted.first?.payload == ["object": "cat.png", "signature": "Eicar"])
  }

  @Test("an upload that cannot be scanned is neither shown, nor indexed, nor put in quarantine")
  func unscannable() async throws {
    let story = try await play(["scan": Self.dead])
    #expect(story.ran == [Self.scan])
    let cancelled = IdleStage(.cancelled, reason: "scan failed")
    #expect(
      story.run.standing.idle == [
        "quarantine": cancelled, "thumbnails": cancelled,
        "index": IdleStage(.cancelled, reason: "thumbnails was cancelled"),
        "tell": IdleStage(.cancelled, reason: "thumbnails was cancelled"),
      ])
    #expect(story.run.standing.state == .failed && story.emitted.isEmpty)
  }

  @Test("an upload without thumbnails is indexed all the same, and not told of")
  func failed() async throws {
    let story = try await play(["scan": Self.output(#"{"verdict":"clean"}"#), "thumbnails": Self.dead])
    #expect(story.ran == [Self.scan, Self.thumbnails, Self.index])
    #expect(
      story.run.standing.idle == [
        "quarantine": IdleStage(.skipped, reason: #"scan.verdict is not "infected""#),
        "tell": IdleStage(.cancelled, reason: "thumbnails failed"),
      ])
    #expect(story.run.standing.state == .failed && story.emitted.isEmpty)
  }
}
