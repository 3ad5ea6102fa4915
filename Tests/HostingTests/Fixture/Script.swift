import Synchronization
import WorkerKit

/// What a test's workers do, and a record of what they did.
final class Script: Sendable {
  typealias Step = @Sendable (WorkerContext, JSON) async throws -> JSON

  /// One call of a worker.
  struct Call: Sendable, Hashable {
    let job: JobID
    let stage: StageName
    let attempt: Int
    let fence: Fence
  }

  private struct State {
    var calls: [Call] = []
    var ended: [Call] = []
    var cancelled: [Call] = []
    var batches: [Int] = []
  }

  private let state = Mutex(State())
  private let changes: Signal
  private let step: Step

  /// A script whose workers do `step`; `changes` is raised at everything that is recorded.
  init(changes: Signal, step: @escaping Step) {
    self.changes = changes
    self.step = step
  }

  /// The calls so far, in the order of their beginning.
  var calls: [Call] { state.withLock { $0.calls } }
  /// The calls that returned or threw.
  var ended: [Call] { state.withLock { $0.ended } }
  /// The calls whose tasks were cancelled while they ran.
  var cancelled: [Call] { state.withLock { $0.cancelled } }

  /// How many jobs each batch had.
  var batches: [Int] { state.withLock { $0.batches } }

  /// Notes a batch of so many jobs.
  func noteBatch(_ count: Int) { note { $0.batches.append(count) } }

  func run(_ context: WorkerContext, _ value: JSON) async throws -> JSON {
    let call = Call(
      job: context.job, stage: context.stage, attempt: context.attempt, fence: context.authority.fence)
    defer { note { $0.ended.append(call) } }
    return try await withTaskCancellationHandler {
      // Not before the handler is there: who has seen the call may cancel it at once.
      note { $0.calls.append(call) }
      return try await step(context, value)
    } onCancel: {
      note { $0.cancelled.append(call) }
    }
  }

  private func note(_ change: (inout State) -> Void) {
    state.withLock { change(&$0) }
    changes.raise()
  }
}

/// The options and the output of every worker of these tests: one value.
struct ValueOptions: WorkerOptions {
  static let value = OptionField<JSON>("value", "Anything.")
  static let strict = OptionField<Int?>("strict", "A whole number.")
  static var fields: [OptionDescription] { [value.description, strict.description] }
  let value: JSON

  init(_ reader: OptionReader) throws(OptionProblem) {
    value = try reader.value(Self.value)
    _ = try reader.value(Self.strict)
  }
}

/// One value, returned.
struct ValueOutput: WorkerOutput {
  static let fields = [OutputField("value", "Anything.")]
  let value: JSON
  var json: JSON { ["value": value] }
}

/// A worker that does what its test's script says.
struct StepWorker: Worker {
  static let name: WorkerName = "test.step"
  static let summary = "Does what a script says."
  let script: Script

  func run(_ options: ValueOptions, context: WorkerContext) async throws -> ValueOutput {
    ValueOutput(value: try await script.run(context, options.value))
  }
}

/// A second worker, which not every host of a test knows.
struct OtherWorker: Worker {
  static let name: WorkerName = "test.other"
  static let summary = "Does what a script says, elsewhere."
  let script: Script

  func run(_ options: ValueOptions, context: WorkerContext) async throws -> ValueOutput {
    ValueOutput(value: try await script.run(context, options.value))
  }
}

/// A worker of batches that does what its test's script says to each job, and forgets those with the value "forget".
struct ManyWorker: BatchWorker {
  static let name: WorkerName = "test.many"
  static let summary = "Does what a script says, many times."
  let script: Script

  func run(_ items: [BatchItem<ValueOptions>]) async -> [JobID: Result<ValueOutput, Failure>] {
    script.noteBatch(items.count)
    var answers: [JobID: Result<ValueOutput, Failure>] = [:]
    for item in items where item.options.value != "forget" {
      do {
        answers[item.context.job] = .success(
          ValueOutput(value: try await script.run(item.context, item.options.value)))
      } catch {
        answers[item.context.job] = .failure(error as? Failure ?? Failure(unclassified: error))
      }
    }
    return answers
  }
}
