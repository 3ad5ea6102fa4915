import WorkerKit

/// A run's jobs as its planner sees them.
struct SQLiteRunResults {
  private(set) var stages: [StageName: StageResult] = [:]
  private(set) var elements: [StageName: [Int: StageResult]] = [:]

  var isEmpty: Bool { stages.isEmpty && elements.isEmpty }

  /// Adds the job of a stage, or of one element of the stage's list.
  mutating func add(_ result: StageResult, of stage: StageName, element: Int?) {
    if let element { elements[stage, default: [:]][element] = result } else { stages[stage] = result }
  }

  func has(_ stage: StageName, element: Int?) -> Bool {
    if let element { elements[stage]?[element] != nil } else { stages[stage] != nil }
  }
}
