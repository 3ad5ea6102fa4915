import Synchronization
import Testing
import WorkerKit

/// A planner that numbers its runs, and runs as stores show them.
struct PlannerBench: Sendable {
  let planner: Planner
  let pipeline: Pipeline
  var event = Fixture.event()

  /// Compiles the stages of a pipeline; `tail` is what follows them in the file.
  init(_ stages: String, tail: String = "", payload: JSON = ["object_key": "a.png"]) throws {
    let last = Mutex(0)
    planner = Planner(
      queues: ["media.thumbnails": "pictures"],
      newID: {
        last.withLock { last in
          last += 1
          return "r\(last)"
        }
      }, now: { Timestamp(milliseconds: 7) })
    pipeline = try Pipeline.compile(
      "pipeline: p\ntrigger: { event: MediaUploaded }\n\(tail)\nstages:\n\(stages)\n", file: "p.yaml")
    event = Fixture.event(payload: payload)
  }

  /// The run that the event starts.
  func start() throws -> NewRun {
    try #require(try planner.route(event, pipelines: PipelineSet([pipeline])).first)
  }

  /// What follows in a run whose jobs stand like this.
  func next(_ stages: [StageName: StageResult], elements: [StageName: [StageResult]] = [:]) throws -> RunPlan {
    let byIndex = elements.mapValues { results in
      Dictionary(results.enumerated().map { ($0.offset, $0.element) }) { first, _ in first }
    }
    return try planner.next(
      RunSnapshot(
        id: "r1", pipeline: pipeline.name, revision: pipeline.revision, event: event.bytes, stages: stages,
        elements: byIndex), pipeline: pipeline)
  }
}

extension StageResult {
  static let queued = StageResult(state: .queued, output: nil)
  static let broken = StageResult(
    state: .failed, output: nil, failure: Failure(.poison, "truncated_picture", "The picture ends too early."))

  static func done(_ output: String = "{}") -> StageResult {
    StageResult(state: .succeeded, output: Array(output.utf8))
  }
}

extension NewJob {
  /// The options as text, or the reference that leads to nothing.
  var options: String {
    switch input {
    case .resolved(let bytes): String(decoding: bytes, as: UTF8.self)
    case .unresolved(let reference): "? \(reference)"
    }
  }
}
