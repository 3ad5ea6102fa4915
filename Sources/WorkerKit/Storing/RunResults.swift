/// A run's jobs as its planner sees them, put together by a store.
public struct RunResults: Sendable {
  public private(set) var stages: [StageName: StageResult] = [:]
  public private(set) var elements: [StageName: [Int: StageResult]] = [:]

  /// A run without jobs.
  public init() {}

  /// True where there is no job.
  public var isEmpty: Bool { stages.isEmpty && elements.isEmpty }

  /// Adds the job of a stage, or of one element of the stage's list.
  public mutating func add(_ result: StageResult, of stage: StageName, element: Int?) {
    if let element { elements[stage, default: [:]][element] = result } else { stages[stage] = result }
  }

  /// Whether a stage, or one element of its list, has a job.
  public func has(_ stage: StageName, element: Int?) -> Bool {
    if let element { elements[stage]?[element] != nil } else { stages[stage] != nil }
  }
}
