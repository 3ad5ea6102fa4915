import WorkerKit

/// A worker that does nothing, or sleeps: what is left is the cost of the way there and back.
struct NoOpWorker: Worker {
  /// How long each job sleeps.
  let pause: Duration

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
    if pause > .zero { try await Task.sleep(for: pause) }
    return Output()
  }

  /// When jobs began whose pickup is measured.
  static let begun = BegunJobs()

  /// One stage, fed with the event's payload; and the same on a queue of its own, which no host serves.
  static func pipelines(_ limits: Settings.Limits) -> [(name: String, text: String)] {
    [
      ("noop.yaml", pipeline("noop", event: "Noop") + rules(limits)),
      ("parked.yaml", pipeline("parked", event: "Parked") + "    queue: parked\n"),
    ]
  }

  private static func pipeline(_ name: String, event: String) -> String {
    """
    pipeline: \(name)
    trigger: { event: \(event) }
    stages:
      work:
        uses: bench.noop
        with: { body: "${event.payload.body}" }

    """
  }

  /// Limits that the drain never reaches, so that what is measured is what they cost.
  private static func rules(_ limits: Settings.Limits) -> String {
    let fair = #"    fair_by: { key: "${event.tenant_id}", weight: 2 }"# + "\n"
    let (key, rate, concurrency) = (#"key: "${event.tenant_id}""#, "rate: 10000/s, burst: 10000", "concurrency: 1000")
    return switch limits {
    case .off: ""
    case .on: fair + "    limit: { \(key), \(rate), \(concurrency) }\n"
    case .two: fair + "    limit:\n      - { \(key), \(rate) }\n      - { \(key), \(concurrency) }\n"
    }
  }
}
