/// A job that a plan asks the store to create.
public struct NewJob: Sendable, Hashable {
  public let id: JobID
  public let stage: StageName
  public let worker: WorkerName
  public let queue: QueueName
  public let input: JobInput
  /// Which element of its stage's list it is for; nil where the stage has one job.
  public var index: Int?
  public var priority = Priority.normal
  /// How long its leases last; nil for the host's own.
  public var lease: Duration?
  /// What orders it among others; nil where nothing does.
  public var ordering: JobOrdering?

  /// Describes a job to be created.
  public init(id: JobID, stage: StageName, worker: WorkerName, queue: QueueName, input: JobInput) {
    self.id = id
    self.stage = stage
    self.worker = worker
    self.queue = queue
    self.input = input
  }
}

/// How a run as a whole stands.
public struct RunStanding: Sendable, Hashable {
  /// How a run ends, or that it has not.
  public enum State: String, Sendable, Hashable {
    case running, succeeded, failed
    /// A person ended it: nothing follows any more.
    case cancelled
  }

  public var state: State
  /// Nil while it runs.
  public var finishedAt: Timestamp?
  /// The stages that have no job because of how others ended: skipped or cancelled, each with its reason.
  public var idle: [StageName: IdleStage]
  /// What the plan could not do, for a person: an event it could not emit.
  public var problems: [String]

  /// Describes a standing.
  public init(
    state: State = .running, finishedAt: Timestamp? = nil, idle: [StageName: IdleStage] = [:], problems: [String] = []
  ) {
    self.state = state
    self.finishedAt = finishedAt
    self.idle = idle
    self.problems = problems
  }
}

/// Why a stage has no job.
public struct IdleStage: Sendable, Hashable {
  /// Skipped by a `when` or a skipped need, or cancelled because a need failed for good.
  public enum Kind: String, Sendable, Hashable {
    case skipped, cancelled
  }

  public let kind: Kind
  public let reason: String

  /// Describes an idle stage.
  public init(_ kind: Kind, reason: String) {
    self.kind = kind
    self.reason = reason
  }
}

/// What a plan asks the store to do with a run, in the transaction that asked. State, idle stages and problems replace
/// what the run had; a plan says all of them each time.
public struct RunPlan: Sendable, Hashable {
  public var jobs: [NewJob]
  public var emits: [EventEnvelope]
  public var state: RunStanding.State
  public var idle: [StageName: IdleStage]
  public var problems: [String]
  /// Turns that the run needs no more, since their stages have been idle from here on.
  public var freed: [Turn]

  /// Describes a plan; without arguments, one that changes nothing of a running run.
  public init(
    jobs: [NewJob] = [], emits: [EventEnvelope] = [], state: RunStanding.State = .running,
    idle: [StageName: IdleStage] = [:], problems: [String] = [], freed: [Turn] = []
  ) {
    self.freed = freed
    self.jobs = jobs
    self.emits = emits
    self.state = state
    self.idle = idle
    self.problems = problems
  }
}

/// A run that an event starts, with what its first plan asks for.
public struct NewRun: Sendable, Hashable {
  public let id: RunID
  public let pipeline: PipelineName
  public let revision: RevisionHash
  public let plan: RunPlan
  /// The turns it takes, for all stages to come: in the order in which events were accepted.
  public let turns: [Turn]

  /// Describes a run to be created.
  public init(id: RunID, pipeline: PipelineName, revision: RevisionHash, plan: RunPlan, turns: [Turn] = []) {
    self.turns = turns
    self.id = id
    self.pipeline = pipeline
    self.revision = revision
    self.plan = plan
  }
}

/// A run as its planner sees it, inside the transaction.
public struct RunSnapshot: Sendable {
  public let id: RunID
  public let pipeline: PipelineName
  public let revision: RevisionHash
  /// The jobs it has, by stage; those of stages with a job for each element of a list are in `elements`.
  public let stages: [StageName: StageResult]
  /// The jobs of stages with a job for each element of a list, by the element's index.
  public let elements: [StageName: [Int: StageResult]]
  private let readEvent: @Sendable () throws(DriverError) -> [UInt8]

  /// The event that started it, in the form that `EventEnvelope.bytes` gives. Read from the store when it is asked for,
  /// as long as the plan is being made: most plans do not need it.
  public var event: [UInt8] { get throws(DriverError) { try readEvent() } }

  /// Describes a run.
  public init(
    id: RunID, pipeline: PipelineName, revision: RevisionHash, event: [UInt8], stages: [StageName: StageResult],
    elements: [StageName: [Int: StageResult]] = [:]
  ) {
    self.init(id: id, pipeline: pipeline, revision: revision, stages: stages, elements: elements) { event }
  }

  /// Describes a run whose event is read when a plan asks for it.
  public init(
    id: RunID, pipeline: PipelineName, revision: RevisionHash, stages: [StageName: StageResult],
    elements: [StageName: [Int: StageResult]], readingEvent: @escaping @Sendable () throws(DriverError) -> [UInt8]
  ) {
    self.id = id
    self.pipeline = pipeline
    self.revision = revision
    self.stages = stages
    self.elements = elements
    readEvent = readingEvent
  }
}

/// How a stage's job stands.
public struct StageResult: Sendable, Hashable {
  public let state: JobState
  /// JSON bytes; nil until it succeeded.
  public let output: [UInt8]?
  /// What went wrong last; nil where nothing has.
  public let failure: Failure?
  /// What it waits for, or why it was ended; a fixed word.
  public let waitingFor: String?

  /// Describes a stage's job.
  public init(state: JobState, output: [UInt8]?, failure: Failure? = nil, waitingFor: String? = nil) {
    self.state = state
    self.output = output
    self.failure = failure
    self.waitingFor = waitingFor
  }

  /// True where a person ended it.
  var isUnwanted: Bool { state == .cancelled && waitingFor == CancelRequest.word }
}
