/// A worker without its types: what hosts run and what lint and documentation read.
public struct RegisteredWorker: Sendable {
  /// One job of a batch, its options still to be decoded.
  struct Item: Sendable {
    let input: JSON
    let context: WorkerContext
  }

  /// Does the work of one job.
  typealias Run = @Sendable (JSON, WorkerContext) async throws -> any WorkerOutput
  /// Does the work of many.
  typealias RunBatch = @Sendable ([Item]) async -> [JobID: Result<any WorkerOutput, Failure>]

  public let name: WorkerName
  public let summary: String
  public let guarantees: [String]
  public let queue: QueueName
  public let timeout: Duration
  public let retry: RetryPolicy
  public let options: [OptionDescription]
  public let outputs: [OutputField]
  /// True for a worker that takes many jobs at once.
  public let isBatch: Bool
  /// False where its jobs cannot run in processes of their own.
  public internal(set) var isIsolable = true
  /// Makes an output of what a callback brought.
  let outputOfCallback: @Sendable (JSON) -> JSON
  /// Decodes the options and does the work.
  let run: Run
  /// The same for many jobs; nil for a worker that takes one.
  let runBatch: RunBatch?

  init<W: DescribedWorker>(describing type: W.Type) {
    self.init(type) { _, _ in
      throw Failure(.transient, "worker_not_here", "This program describes the worker and cannot run it.")
    }
  }

  init<W: Worker>(_ worker: W) {
    self.init(W.self) { json, context in try await worker.run(Self.options(json, of: W.self), context: context) }
  }

  init<W: BatchWorker>(_ worker: W) {
    let batch: RunBatch = { items in
      var answers: [JobID: Result<any WorkerOutput, Failure>] = [:]
      var readable: [BatchItem<W.Options>] = []
      for item in items {
        do throws(Failure) {
          readable.append(BatchItem(options: try Self.options(item.input, of: W.self), context: item.context))
        } catch {
          answers[item.context.job] = .failure(error)
        }
      }
      if !readable.isEmpty {
        for (job, answer) in await worker.run(readable) where answers[job] == nil { answers[job] = answer.map { $0 } }
      }
      return answers
    }
    self.init(W.self, batch: batch) { json, context in
      // A process of its own has room for one.
      let answer = await batch([Item(input: json, context: context)])[context.job]
      return try (answer ?? .failure(.unanswered(context.job))).get()
    }
  }

  private init<W: DescribedWorker>(_ type: W.Type, batch: RunBatch? = nil, run: @escaping Run) {
    name = W.name
    summary = W.summary
    guarantees = W.guarantees
    queue = W.queue
    timeout = W.timeout
    retry = W.retry
    options = W.Options.fields
    outputs = W.Output.fields
    isBatch = type is any BatchWorker.Type
    outputOfCallback = { W.output(ofCallback: $0) }
    runBatch = batch
    self.run = run
  }

  private static func options<W: DescribedWorker>(_ json: JSON, of type: W.Type) throws(Failure) -> W.Options {
    do throws(OptionProblem) {
      return try W.Options(OptionReader(json, fields: W.Options.fields))
    } catch {
      throw Failure(
        .permanent, "invalid_options", "The stage's options are not what the worker accepts.",
        fields: ["option": error.option, "expected": error.message])
    }
  }
}

extension Failure {
  /// A batch worker has not answered for a job.
  static func unanswered(_ job: JobID) -> Failure {
    Failure(
      .transient, "batch_unanswered", "The worker has not answered for one of the jobs of its batch.",
      fields: ["job": job.rawValue])
  }
}
