/// The code that does one kind of job, many at once: each job of a batch has its own options, context, lease, attempt
/// and outcome, and what befalls one does not touch the others.
public protocol BatchWorker: DescribedWorker {
  // Said again, so that both are inferred from `run`.
  associatedtype Options
  associatedtype Output

  /// Does the work of every item once, and answers for each. An item without an answer has failed for the time being.
  ///
  /// An item whose lease is lost meanwhile is not heard any more; the task is cancelled when no item is left that is.
  func run(_ items: [BatchItem<Options>]) async -> [JobID: Result<Output, Failure>]
}

/// One job of a batch.
public struct BatchItem<Options: Sendable>: Sendable {
  public let options: Options
  public let context: WorkerContext

  /// Puts an item together.
  public init(options: Options, context: WorkerContext) {
    self.options = options
    self.context = context
  }
}
