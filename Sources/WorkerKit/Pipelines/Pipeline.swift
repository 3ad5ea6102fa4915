import Crypto

/// One pipeline file, read and checked: what triggers it, its stages, and what it emits. Immutable.
public struct Pipeline: Sendable {
  /// Unique within a folder.
  public let name: PipelineName
  /// A sentence for people; empty where the file has none.
  public let description: String
  /// SHA-256 of the file's bytes.
  public let revision: RevisionHash
  /// The file's text.
  public let source: String
  /// Which events start a run.
  public let trigger: Trigger
  /// The stages in the order of the file.
  public let stages: [Stage]
  /// The same stages, each after all that it needs.
  public let ordered: [Stage]
  /// The events that a run emits, in the order of the file.
  public let emits: [Emit]

  /// Which events start a run.
  public struct Trigger: Sendable, Hashable {
    /// The event's type.
    public let event: String
    /// What the event's JSON must look like; nil where the type is enough.
    public let match: Pattern?
    /// The times at which such events are made for this pipeline alone; nil where events come from outside.
    public let schedule: Schedule?

    init(event: String, match: Pattern?) {
      (self.event, self.match, schedule) = (event, match, nil)
    }

    /// Started by the ticks of the schedule that carry the pipeline's name.
    init(_ schedule: Schedule, of pipeline: PipelineName) {
      event = Schedule.eventType
      match = .object([.init("payload", .object([.init("pipeline", .anyOf([.string(pipeline.rawValue)]))]))])
      self.schedule = schedule
    }

    /// Why an event does not start a run: its type, or the first leaf of `match` that fails; nil where it does.
    public func mismatch(_ event: JSON) -> PatternMismatch? {
      Pattern.object([.init("type", .anyOf([.string(self.event)]))]).mismatch(event) ?? match?.mismatch(event)
    }
  }

  /// An event that a run emits.
  public struct Emit: Sendable, Hashable {
    /// The event's type.
    public let event: String
    /// The stages that must all have succeeded; never empty.
    public let after: [StageName]
    /// The payload, with references to the event and to stages that have succeeded by then.
    public let payload: Template
  }

  /// The stage of this name, or nil.
  public func stage(_ name: StageName) -> Stage? { stages.first { $0.name == name } }

  /// The pipeline as a store keeps it.
  public var stored: PipelineRevision { PipelineRevision(pipeline: name, hash: revision, source: source) }

  /// The revision of a file with this text: SHA-256 of its UTF-8 bytes, in lower-case hexadecimal.
  public static func revision(of source: String) -> RevisionHash {
    RevisionHash(SHA256.hash(data: Array(source.utf8)).hexadecimal)
  }
}

/// A node of a pipeline: a worker, its options, its policy.
public struct Stage: Sendable, Hashable {
  /// Unique within its pipeline.
  public let name: StageName
  /// The worker that does its jobs.
  public let worker: WorkerName
  /// The stages that must have ended before, in the order of the file.
  public let needs: [StageName]
  /// The worker's options: an object.
  public let with: Template
  /// What the outputs of needs, or the event, must look like, or the stage is skipped.
  public let when: [Condition]
  /// The ends of needs that count beside success; a need that is not here must succeed.
  public let join: [StageName: Set<NeedEnd>]
  /// One job for each element of a list; nil for one job.
  public let each: Fanout?
  /// How its jobs are treated, with the file's defaults in it.
  public let policy: StagePolicy

  /// How long an attempt may take; nil for the worker's own.
  public var timeout: Duration? { policy.timeout }
  /// How often it is tried; nil for the worker's own.
  public var retry: RetryPolicy? { policy.retry }
  /// Where its jobs wait; nil for the worker's own.
  public var queue: QueueName? { policy.queue }

  /// A pattern over one root: the event, or the output of a need.
  public struct Condition: Sendable, Hashable {
    /// `event`, or a stage's name.
    public let root: String
    /// What the root must look like.
    public let pattern: Pattern
  }
}
