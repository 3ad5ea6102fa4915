public import WorkerKit

/// What one look at all schedules came to.
public struct SchedulerPass: Sendable, Hashable {
  /// The ticks that fired, by pipeline.
  public internal(set) var fired: [PipelineName: Timestamp] = [:]
  /// When the next tick is due; nil where there is none.
  public internal(set) var next: Timestamp?
  /// Why schedules cannot tick, by pipeline.
  public internal(set) var problems: [PipelineName: String] = [:]

  mutating func note(next moment: Timestamp?) {
    guard let moment else { return }
    next = min(next ?? moment, moment)
  }
}

extension Sequence<Pipeline> {
  /// The schedules of the pipelines that have one, by name.
  var schedules: [(pipeline: PipelineName, schedule: Schedule)] {
    compactMap { pipeline in pipeline.trigger.schedule.map { (pipeline.name, $0) } }.sorted { $0.0 < $1.0 }
  }
}
