extension RunStanding.State {
  /// How stores keep a state: 0 while it runs.
  public var number: Int64 {
    switch self {
    case .running: 0
    case .succeeded: 1
    case .failed: 2
    case .cancelled: 3
    }
  }

  /// The state of a number that `number` gave; running for any other.
  public init(number: Int64) {
    switch number {
    case 1: self = .succeeded
    case 2: self = .failed
    case 3: self = .cancelled
    default: self = .running
    }
  }
}

extension RunStanding {
  /// Restores a standing from its stored parts; the moment counts only where the run has ended.
  public init(state: State, at moment: Timestamp, idle: JSON?, problems: JSON?) {
    self.init(state: state, finishedAt: state == .running ? nil : moment)
    if case .object(let stages)? = idle {
      for (stage, value) in stages {
        guard case .string(let word)? = value["kind"], let kind = IdleStage.Kind(rawValue: word),
          case .string(let reason)? = value["reason"]
        else { continue }
        self.idle[StageName(stage)] = IdleStage(kind, reason: reason)
      }
    }
    if case .array(let texts)? = problems {
      self.problems = texts.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }
  }
}

extension RunPlan {
  /// The idle stages as stores keep them; nil where there are none.
  public var idleJSON: JSON? {
    guard !idle.isEmpty else { return nil }
    let stages = idle.map { stage, idle in
      (stage.rawValue, JSON.object(["kind": .string(idle.kind.rawValue), "reason": .string(idle.reason)]))
    }
    return .object(Dictionary(uniqueKeysWithValues: stages))
  }

  /// The problems as stores keep them; nil where there are none.
  public var problemsJSON: JSON? { problems.isEmpty ? nil : .array(problems.map { .string($0) }) }

  /// True where it asks for nothing but an end of the run.
  public var onlyEnds: Bool {
    state != .running && jobs.isEmpty && emits.isEmpty && freed.isEmpty && idle.isEmpty && problems.isEmpty
  }
}
