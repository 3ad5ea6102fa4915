/// The tests of a pipeline: the file `NAME.test.yaml` beside `NAME.yaml`, read and checked.
///
/// Each case is an event, what the stages come to, and what must follow. Nothing is stored and no worker is called: the
/// planner that a server plans with is asked until nothing is open.
public struct PipelineTrials: Sendable {
  /// The file's name, as it was given.
  public let file: String
  /// The cases in the order of the file; at least one.
  public let trials: [Trial]

  /// Reads the text of a test file. With a registry, mocked outputs are checked against what the workers return.
  /// - Throws: A `PipelineFileError` with everything that is wrong, in the order of the file.
  public static func read(
    _ text: String, file: String, pipeline: Pipeline, registry: WorkerRegistry? = nil
  ) throws(PipelineFileError) -> PipelineTrials {
    var reader = TrialReader(file: file, pipeline: pipeline, registry: registry)
    let trials = reader.read(text)
    guard reader.problems.isEmpty else { throw PipelineFileError(problems: reader.problems.sorted) }
    return PipelineTrials(file: file, trials: trials)
  }
}

/// One case of a test file.
public struct Trial: Sendable {
  /// What the case says it shows.
  public let name: String
  /// Where it stands in its file, from 1.
  public let line: Int
  /// The column, from 1.
  public let column: Int
  let event: EventEnvelope
  /// What stages come to; those that are not named succeed with an empty output.
  let mocks: [StageName: TrialMocks]
  let expectation: TrialExpectation
}

/// What a stage comes to when it runs.
enum TrialMock: Sendable, Hashable {
  case output(JSON)
  case failure(Failure)

  static let standard = TrialMock.output(.object([:]))
}

/// What the jobs of a stage come to.
struct TrialMocks: Sendable {
  /// What one comes to that `elements` does not name.
  var all = TrialMock.standard
  /// By the index of the element of the list, in a stage with `each`.
  var elements: [TrialMock] = []

  func mock(of job: NewJob) -> TrialMock {
    guard let index = job.index, elements.indices.contains(index) else { return all }
    return elements[index]
  }
}

/// What a case asks for. What it does not name is not looked at; a list that it names is the whole list.
struct TrialExpectation: Sendable {
  /// False where no run may start.
  var runs = true
  /// The stages whose workers were called, with what they must have been called.
  var ran: [StageName: ExpectedCalls]?
  var skipped: Set<StageName>?
  var cancelled: Set<StageName>?
  /// The stages that failed for good, or timed out.
  var failed: Set<StageName>?
  var emitted: [ExpectedEvent]?
}

/// What the workers of a stage must have been called with.
struct ExpectedCalls: Sendable {
  /// Each call; nil where anything will do.
  var all: ExpectedValue?
  /// How many calls, in a stage with `each`.
  var count: Int?
  /// What the worker must have been called with for each element of the list, in its order.
  var elements: [ExpectedValue?]?

  /// True where there must be no call.
  var isNone: Bool { count == 0 || elements?.isEmpty == true }

  func value(at index: Int?) -> ExpectedValue? {
    guard let index, let elements, elements.indices.contains(index) else { return all }
    return elements[index] ?? all
  }
}

/// What a value must look like.
enum ExpectedValue: Sendable {
  case pattern(Pattern)
  case exactly(JSON)
}

/// An event that a run must emit.
struct ExpectedEvent: Sendable {
  let type: String
  let payload: ExpectedValue?
}
