import Foundation
import Testing
import WorkerKit

/// The pipeline that uses most of what pipelines have.
@Suite("Pipelines: the large example", .timeLimit(.minutes(5)))
struct PipelineDesignTests {
  private let pipeline: Pipeline

  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fixtures/pipelines/media-design.yaml")
    let text = try String(contentsOf: file, encoding: .utf8)
    pipeline = try Pipeline.compile(text, file: "media-design.yaml", registry: try DesignWorkers.registry())
  }

  @Test("it compiles, each stage with its policy")
  func compiled() throws {
    #expect(pipeline.stages.map(\.name) == ["scan", "quarantine", "thumbnails", "index", "tell"])
    #expect(pipeline.stages.allSatisfy { $0.queue == "media" && $0.retry == .standard })
    #expect(pipeline.stage("scan")?.timeout == .seconds(120) && pipeline.stage("tell")?.timeout == nil)
    #expect(pipeline.stage("thumbnails")?.policy.isolation == IsolationPolicy(memoryBytes: 1 << 30))
    let index = try #require(pipeline.stage("index"))
    #expect(index.join == ["thumbnails": [.succeeded, .failed]])
    #expect(index.policy.batch == BatchPolicy(size: 200, wait: .milliseconds(100)))
    #expect(
      index.policy.serialBy == SerialPolicy(key: .reference(Reference(root: "event", path: ["resource", "id"]))))
    let tenant = Template.reference(Reference(root: "event", path: ["tenant_id"]))
    #expect(pipeline.stages.allSatisfy { $0.policy.fairBy == FairPolicy(key: tenant) })
    let rule = LimitRule(rate: Rate(20, per: .seconds(1)), concurrency: 4)
    #expect(pipeline.stage("tell")?.policy.limits == [LimitPolicy(key: tenant, rule: rule)])
    #expect(PipelineSet([pipeline]).limits == ["media/tell/0": rule])
    #expect(pipeline.emits.map(\.event) == ["MediaProcessed", "MediaRejected"])
  }

  @Test("its tests pass: what becomes of a clean, an infected, an unscannable and a broken upload")
  func trials() throws {
    let registry = try DesignWorkers.registry()
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fixtures/pipelines/media-design.test.yaml")
    let trials = try PipelineTrials.read(
      try String(contentsOf: file, encoding: .utf8), file: "media-design.test.yaml", pipeline: pipeline,
      registry: registry)
    #expect(trials.trials.count == 4)
    for trial in trials.trials {
      let report = try trial.report(on: pipeline, registry: registry)
      #expect(report.differences == [], "\(report.name): \(report.stages)")
    }
  }

  @Test("it starts with pictures alone")
  func trigger() {
    let event: (JSON) -> JSON = { ["type": "MediaUploaded", "payload": ["content_type": $0]] }
    #expect(pipeline.trigger.mismatch(event("image/avif")) == nil)
    #expect(pipeline.trigger.mismatch(event("text/plain")) != nil)
  }
}
