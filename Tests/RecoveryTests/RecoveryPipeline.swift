import WorkerKit

/// What the events of these tests start: two stages of one worker.
enum RecoveryPipeline {
  static let last: StageName = "second"
  static let event = "Started"

  static func load() throws -> PipelineSet {
    let (set, problems) = PipelineSet.load(files: [("recovery.yaml", text)], registry: nil)
    guard problems.isEmpty else { throw PipelineFileError(problems: problems) }
    return set
  }

  private static let text = """
    pipeline: recovery
    trigger: { event: Started }
    stages:
      first:
        uses: recovery.work
        with: { value: "${event.payload.value}" }
      second:
        uses: recovery.work
        needs: [first]
        with: { value: "${first.value}" }

    """
}

/// Writes down that it ran. Some jobs fail at first, and some outlast a renewal of their lease.
struct RecoveryWorker: Worker {
  static let name: WorkerName = "recovery.work"
  static let summary = "Writes down that it ran."
  static let retry = RetryPolicy(attempts: 9, initial: .seconds(1), longest: .seconds(4))
  let effects: Effects

  func run(_ options: NumberOptions, context: WorkerContext) async throws -> NumberOutput {
    effects.begin(context)
    if options.value % 10 == 3, context.attempt == 1 { throw Failure(.transient, "unwell", "It may work later.") }
    try await context.environment.time.sleep(for: options.value % 20 == 7 ? .seconds(12) : .milliseconds(300))
    effects.end(context)
    return NumberOutput(value: options.value)
  }
}

/// The number of an event.
struct NumberOptions: WorkerOptions {
  static let value = OptionField<Int>("value", "A number.")
  static var fields: [OptionDescription] { [value.description] }
  let value: Int

  init(_ reader: OptionReader) throws(OptionProblem) { value = try reader.value(Self.value) }
}

/// The same number.
struct NumberOutput: WorkerOutput {
  static let fields = [OutputField("value", "A number.")]
  let value: Int
  var json: JSON { ["value": .integer(Int64(value))] }
}
