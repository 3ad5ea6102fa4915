import WorkerKit

/// What can be paused as far as a dispatcher knows: active pipelines with their stages, and queues. Tenants come with
/// their events, so that none is unknown.
struct KnownScopes {
  let pipelines: PipelineSet
  let queues: Set<QueueName>

  /// Why a scope is probably not what was meant; nil where it is known.
  func complaint(about scope: PauseScope) -> String? {
    switch scope {
    case .tenant: return nil
    case .queue(let queue):
      guard !queues.contains(queue) else { return nil }
      return complaint(
        "No worker, stage or job names this queue", queue.rawValue, among: queues.map(\.rawValue)
      ) { .queue(QueueName($0)) }
    case .pipeline(let name):
      guard pipelines.pipelines[name] == nil else { return nil }
      return complaint("No such pipeline is active", name.rawValue, among: names) { .pipeline(PipelineName($0)) }
    case .stage(let name, let stage):
      guard let pipeline = pipelines.pipelines[name] else {
        return complaint("No such pipeline is active", name.rawValue, among: names) {
          .stage(PipelineName($0), stage)
        }
      }
      let stages = pipeline.stages.map(\.name.rawValue)
      guard !stages.contains(stage.rawValue) else { return nil }
      return complaint("The pipeline has no such stage", stage.rawValue, among: stages) { .stage(name, StageName($0)) }
    }
  }

  private var names: [String] { pipelines.pipelines.keys.map(\.rawValue).sorted() }

  private func complaint(
    _ what: String, _ word: String, among known: [String], _ scope: (String) -> PauseScope
  ) -> String {
    guard let meant = Spelling.suggestion(for: word, among: known.sorted()) else { return "\(what)." }
    return "\(what); did you mean \(scope(meant))?"
  }
}
