/// One thing that is wrong with a pipeline file: where, what, and what was probably meant.
public struct PipelineProblem: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of problems. A number, once given, keeps its meaning.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The text is not YAML.
    case syntax = "P001 syntax"
    /// The file is larger than `PipelineLimits.fileBytes`.
    case tooLarge = "P002 too_large"
    /// An alias names no anchor, or the document is too deep or, with its aliases written out, too large.
    case expansion = "P003 expansion"
    /// A key that this version does not know.
    case unknownKey = "P004 unknown_key"
    /// A key that stands twice in one mapping.
    case repeatedKey = "P005 repeated_key"
    /// A list where a text belongs, and the like.
    case wrongType = "P006 wrong_type"
    /// A required key is absent.
    case missingKey = "P007 missing_key"
    /// A name that breaks the form of names.
    case invalidName = "P008 invalid_name"
    /// A value outside its bounds.
    case invalidValue = "P009 invalid_value"
    /// A text that is not a length of time.
    case invalidDuration = "P010 invalid_duration"
    /// A pipeline without stages.
    case noStages = "P011 no_stages"
    /// A pattern that is not one.
    case invalidPattern = "P012 invalid_pattern"
    /// Text after `${` that is no reference.
    case invalidReference = "P013 invalid_reference"
    /// A reference that begins with neither `event` nor a stage.
    case unknownRoot = "P014 unknown_root"
    /// A reference or a condition on a stage that need not have ended by then.
    case notNeeded = "P015 not_needed"
    /// A field that the stage's worker does not return.
    case unknownOutput = "P016 unknown_output"
    /// A field that events do not have.
    case unknownEventField = "P017 unknown_event_field"
    /// The name of a stage that the pipeline does not have.
    case unknownStage = "P018 unknown_stage"
    /// A stage that needs itself.
    case selfNeed = "P019 self_need"
    /// Stages that need each other in a circle.
    case cycle = "P020 cycle"
    /// A stage named twice in one list.
    case repeatedNeed = "P021 repeated_need"
    /// A worker that this program does not have.
    case unknownWorker = "P022 unknown_worker"
    /// An option that the worker does not have.
    case unknownOption = "P023 unknown_option"
    /// A required option is absent.
    case missingOption = "P024 missing_option"
    /// A value that the option does not accept.
    case invalidOption = "P025 invalid_option"
    /// A pipeline that starts itself without end.
    case selfTrigger = "P026 self_trigger"
    /// Two files that define one pipeline.
    case duplicatePipeline = "P027 duplicate_pipeline"
    /// YAML beyond what pipeline files use: tags, merge keys, keys that are not texts.
    case unsupported = "P028 unsupported_yaml"
    /// A reference to the output of a stage that need not have succeeded by then, without a fallback.
    case missingFallback = "P029 missing_fallback"
    /// Keys that exclude each other, or one that means nothing without another.
    case conflictingKeys = "P030 conflicting_keys"
    /// A reference to what is not known at its place: a stage where only the event is, an element outside its stage.
    case forbiddenReference = "P031 forbidden_reference"
    /// A text that is no schedule, a schedule that never comes, or a time zone that this machine does not know.
    case invalidSchedule = "P032 invalid_schedule"
    /// A field that failures do not have.
    case unknownFailureField = "P033 unknown_failure_field"
    /// Batches for a worker that takes one job at a time.
    case noBatches = "P034 no_batches"
    /// Isolation for a worker that cannot run in a process of its own, as this program is set up.
    case noIsolation = "P035 no_isolation"
    /// An event's schema that is none, or that asks for what is not supported.
    case invalidSchema = "P051 invalid_schema"
    /// A path into a payload that the schema of the event rules out.
    case unknownPayloadField = "P052 unknown_payload_field"

    /// The stable number: `P004`.
    public var number: String { String(rawValue.prefix(4)) }
    /// The stable word: `unknown_key`.
    public var word: String { String(rawValue.dropFirst(5)) }
  }

  /// The file's name, as it was given.
  public let file: String
  /// The line, from 1.
  public let line: Int
  /// The column in Unicode scalars, from 1.
  public let column: Int
  /// The kind of problem.
  public let code: Code
  /// What is wrong, in one line; it may quote words of the file.
  public let message: String
  /// What to write instead, where that can be guessed.
  public let hint: String?

  /// Describes a problem.
  public init(file: String, line: Int, column: Int, code: Code, message: String, hint: String? = nil) {
    self.file = file
    self.line = line
    self.column = column
    self.code = code
    self.message = message
    self.hint = hint
  }

  /// One line for people and editors: `media.yaml:17:9: error P004: unknown key 'retires' in stages.scan; did you …`.
  public var description: String {
    "\(file):\(line):\(column): error \(code.number): \(message)\(hint.map { "; \($0)" } ?? "")"
  }
}

/// Everything that is wrong with a pipeline file, in the order of the file; never empty.
public struct PipelineFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The problems, at least one.
  public let problems: [PipelineProblem]

  /// Describes a refused file.
  public init(problems: [PipelineProblem]) { self.problems = problems }

  /// One line for each problem.
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// The bounds of a pipeline file.
public enum PipelineLimits {
  /// The largest file.
  public static let fileBytes = 1 << 20
  /// The most YAML nodes, once aliases are written out.
  public static let nodes = 10_000
  /// How deep mappings and lists may be nested.
  public static let depth = 32
  /// The longest name of a pipeline, stage or queue.
  public static let nameCharacters = 64
  /// The most attempts that a stage may ask for.
  public static let attempts = 100
  /// The longest length of time that a file may name.
  public static let longest = Duration.seconds(365 * 86_400)
  /// What `lease` may be.
  public static let leases = Duration.seconds(1)...Duration.seconds(3600)
  /// What `coalesce.quiet` may be.
  public static let quiet = Duration.milliseconds(50)...Duration.seconds(3600)
  /// How many jobs a batch may have.
  public static let batchSizes = 1...1000
  /// What `batch.wait` may be.
  public static let batchWaits = Duration.zero...Duration.seconds(60)
  /// The most parts that an execution key may have.
  public static let executionKeyParts = 32
  /// The most limits of a stage.
  public static let limits = 8
  /// How many jobs `limit.rate` may let start in its time.
  public static let rateCounts = 1...1_000_000
  /// The times of `limit.rate`.
  public static let rateTimes = Duration.milliseconds(1)...Duration.seconds(86_400)
  /// The most that `limit.rate` may let start in a second.
  public static let fastestRate = 10_000
  /// What `limit.burst` may be.
  public static let bursts = 1...10_000
  /// What `limit.concurrency` may be.
  public static let concurrencies = 1...100_000
  /// The most weights of `fair_by`.
  public static let weights = 100
}
