import Tracing

/// Runs user code and turns whatever it does into a value. Touches neither store nor queue.
enum Execution {
  /// The most bytes an output may have; larger things belong into object storage.
  static let outputBytes = 1024 * 1024

  /// Runs a job's worker once, at `place`, inside the attempt's span where there is one.
  static func run(
    _ job: Job, worker: RegisteredWorker, context: WorkerContext, at place: ExecutionPlace
  ) async -> AttemptResult {
    await inSpan(of: context) {
      await result(in: context) { try await place.run(worker, try input(of: job), context) }
    }
  }

  /// Runs a job's worker as one of a batch.
  static func run(
    _ job: Job, worker: RegisteredWorker, context: WorkerContext, in batch: BatchPolicy, by gatherer: Gatherer
  ) async -> AttemptResult {
    await result(in: context) {
      let key = Gatherer.Key(worker: worker.name, revision: job.revision, stage: job.stage, queue: job.queue)
      let item = RegisteredWorker.Item(input: try input(of: job), context: context)
      guard let answer = await gatherer.answer(item, of: worker, in: key, by: batch) else { throw CancellationError() }
      let output = try answer.get()
      return IsolatedOutput(json: output.json, artifacts: output.artifacts)
    }
  }

  /// Does something inside the attempt's span where there is one.
  static func inSpan<Result: Sendable>(
    of context: WorkerContext, _ body: @Sendable () async -> Result
  ) async -> Result {
    guard let span = context.tracing?.span else { return await body() }
    return await ServiceContext.withValue(span.context) { await body() }
  }

  /// What `body` comes to, as a value.
  static func result(in context: WorkerContext, of body: () async throws -> IsolatedOutput) async -> AttemptResult {
    do {
      let output = try await body()
      let bytes = output.json.bytes()
      guard bytes.count <= outputBytes else {
        throw Failure(
          .permanent, "output_too_large", "The worker returned more than 1 MiB; large things go to object storage.",
          fields: ["bytes": String(bytes.count)])
      }
      return .returned(output: bytes, artifacts: output.artifacts)
    } catch let wait as AwaitCallback {
      return context.callback == nil ? .failed(noCallback) : .awaits(wait.within)
    } catch is CancellationError {
      return .cancelled
    } catch let failure as Failure {
      return .failed(failure)
    } catch {
      return .failed(Failure(unclassified: error))
    }
  }

  private static let noCallback = Failure(
    .permanent, "callback_unavailable",
    "The worker waits for a callback where none can arrive: in a process of its own, or on a host without a key for "
      + "them; take isolation out of the stage.")

  private static func input(of job: Job) throws(Failure) -> JSON {
    switch job.input {
    case .unresolved(let reference): throw .unresolved(reference: reference)
    case .resolved(let bytes):
      do throws(JSONError) {
        return try JSONReader.parse(bytes)
      } catch {
        throw Failure(
          .poison, "undecodable_input", "The job's input is not JSON.", fields: ["where": error.description])
      }
    }
  }
}
