/// What a queue has to know of the store's facts beside its entries: what is paused, and how much each limit lets
/// through. Projected into a queue before it opens, and again after every change.
public struct QueueControls: Hashable, Sendable {
  /// Grows with every change. A queue keeps the newest that it was told in an epoch.
  public var version: Int64
  /// The rules of all limits there are. A limit that is not among them limits nothing.
  public var limits: [LimitName: LimitRule]
  /// Of what nothing is granted.
  public var paused: Set<PauseScope>

  /// Describes what is in force; without arguments, nothing is held back.
  public init(version: Int64 = 0, limits: [LimitName: LimitRule] = [:], paused: Set<PauseScope> = []) {
    self.version = version
    self.limits = limits
    self.paused = paused
  }

  /// True where nothing of a queue is granted.
  public func isPaused(_ queue: QueueName) -> Bool { paused.contains(.queue(queue)) }

  /// True where nothing of a lane is granted, in whichever queue.
  public func isPaused(_ lane: Lane) -> Bool {
    !paused.isEmpty
      && (paused.contains(.tenant(lane.tenant)) || paused.contains(.pipeline(lane.pipeline))
        || paused.contains(.stage(lane.pipeline, lane.stage)))
  }
}

/// What can be paused: no job of it starts, what runs goes on, and what comes waits.
public enum PauseScope: Hashable, Sendable {
  case queue(QueueName)
  case pipeline(PipelineName)
  case stage(PipelineName, StageName)
  case tenant(TenantID)
}

extension PauseScope: CustomStringConvertible, Comparable {
  /// The scope as a text: `queue:media`, `pipeline:media`, `stage:media/scan`, `tenant:acme`.
  public var description: String {
    switch self {
    case .queue(let name): "queue:\(name)"
    case .pipeline(let name): "pipeline:\(name)"
    case .stage(let pipeline, let stage): "stage:\(pipeline)/\(stage)"
    case .tenant(let name): "tenant:\(name)"
    }
  }

  /// Reads back what `description` wrote; nil for anything else. Pipelines have no stroke in their names.
  public init?(_ text: String) {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let name = String(text[text.index(after: colon)...])
    guard !name.isEmpty else { return nil }
    switch text[..<colon] {
    case "queue": self = .queue(QueueName(name))
    case "pipeline": self = .pipeline(PipelineName(name))
    case "tenant": self = .tenant(TenantID(name))
    case "stage":
      let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
      self = .stage(PipelineName(String(parts[0])), StageName(String(parts[1])))
    default: return nil
    }
  }

  /// Orders by the text.
  public static func < (left: PauseScope, right: PauseScope) -> Bool { left.description < right.description }
}
