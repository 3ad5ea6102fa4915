import WorkerKit

/// A worker that does nothing: what is left is the cost of the way there and back.
struct NoOpWorker: Worker {
  static let name: WorkerName = "bench.noop"
  static let summary = "Does nothing."

  struct Options: WorkerOptions {
    static let body = OptionField<String>("body", "The payload.")
    static let fields = [body.description]
    let body: String

    init(_ reader: OptionReader) throws(OptionProblem) { body = try reader.value(Self.body) }
  }

  struct Output: WorkerOutput {
    static let fields: [OutputField] = []
    var json: JSON { [:] }
  }

  func run(_ options: Options, context: WorkerContext) async throws -> Output {
    // Bodies that begin with a moment are of events whose pickup is measured.
    if let moment = UInt64(options.body.prefix { $0.isNumber }) { Self.begun.note(since: moment) }
    return Output()
  }

  /// When jobs began whose pickup is measured.
  static let begun = BegunJobs()

  /// One stage, fed with the event's payload; and the same on a queue of its own, which no host serves.
  static let pipelines = [
    (
      "noop.yaml",
      """
      pipeline: noop
      trigger: { event: Noop }
      stages:
        work:
          uses: bench.noop
          with: { body: "${event.payload.body}" }
      """
    ),
    (
      "parked.yaml",
      """
      pipeline: parked
      trigger: { event: Parked }
      stages:
        work:
          uses: bench.noop
          queue: parked
          with: { body: "${event.payload.body}" }
      """
    ),
  ]
}
