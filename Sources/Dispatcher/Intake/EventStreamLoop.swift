public import Logging
public import Tracing
public import WorkerKit

/// Takes events from a stream, for as long as the program runs. Any number of programs may do so at one stream.
///
/// One batch at a time: while the store does not answer, nothing more is taken, and what was taken stays in the stream
/// for whoever lives longer.
public struct EventStreamLoop: Sendable {
  /// The most entries of one batch.
  public static let batch = 500

  private let stream: any EventStream
  private let recorder: StreamRecorder
  private let library: PipelineLibrary
  private let arrivals: Signal
  private let pulse: Pulse
  private let environment: Environment
  private let metrics: Metrics
  private let log: Logger
  private let pressure: BackPressure?

  /// Prepares a loop. `arrivals` is raised when something was recorded, and `pulse` beats whenever something was taken,
  /// or nothing was there. While `pressure` says that too many events wait, entries wait in the stream.
  public init(
    stream: any EventStream, store: any JobStore, library: PipelineLibrary, arrivals: Signal, pulse: Pulse,
    environment: Environment, metrics: Metrics, log: Logger, tracer: (any Tracer)? = nil,
    pressure: BackPressure? = nil
  ) {
    self.stream = stream
    recorder = StreamRecorder(store: store, tracer: tracer, time: environment.time)
    self.library = library
    self.arrivals = arrivals
    self.pulse = pulse
    self.environment = environment
    self.metrics = metrics
    self.log = log
    self.pressure = pressure
  }

  /// Takes, records and settles until the task is cancelled; what was recorded is settled even then. Errors are logged
  /// and tried again after a growing wait.
  public func run() async {
    while !Task.isCancelled {
      guard await pressure?.takesEvents() ?? true else {
        pulse.beat()
        try? await environment.time.sleep(for: BackPressure.interval)
        continue
      }
      let taken = await patiently("The event stream cannot be read; its events wait there.") {
        () async throws(DriverError) in try await stream.take(limit: Self.batch)
      }
      guard let taken else { return }
      pulse.beat()
      metrics.set(MetricName.streamEntries, to: Double(taken.waiting))
      metrics.set(MetricName.streamDeadLetters, to: Double(taken.dead))
      if !taken.entries.isEmpty { await see(to: taken.entries) }
    }
  }

  private func see(to entries: [StreamEntry]) async {
    let (items, refused) = read(entries)
    let outcomes = await patiently("Events of the stream cannot be recorded; they wait there.") {
      () async throws(DriverError) in try await recorder.record(items[...])
    }
    guard let outcomes else { return }
    let answers = outcomes.compactMap(\.answer)
    for answer in answers { metrics.add(to: MetricName.events, answer.word) }
    pressure?.note(recorded: answers.count { $0 == .accepted })
    if answers.contains(.accepted) { arrivals.raise() }
    let verdicts = refused + outcomes.map(\.verdict)
    let settling = await patiently("The event stream cannot be settled; what is recorded is known if it comes again.") {
      () async throws(DriverError) in try await stream.settle(verdicts)
    }
    if let settling { tell(settling, of: verdicts) }
  }

  private func read(_ entries: [StreamEntry]) -> (items: [StreamRecorder.Item], refused: [StreamVerdict]) {
    let reader = StreamEntryReader(schemas: library.schemas, now: environment.time.now)
    var (items, refused) = ([StreamRecorder.Item](), [StreamVerdict]())
    for entry in entries {
      do throws(StreamRefusal) {
        items.append(StreamRecorder.Item(id: entry.id, event: try reader.event(of: entry)))
      } catch {
        refused.append(.refused(id: entry.id, error))
      }
    }
    return (items, refused)
  }

  /// Counts and logs what may not come in.
  private func tell(_ settling: StreamSettling, of verdicts: [StreamVerdict]) {
    if settling.buried > 0 {
      metrics.add(settling.buried, to: MetricName.events, "refused")
      log.log(
        .error, "Events of the stream may not come in; millrace intake dead tells which, and why.",
        [.count: String(settling.buried), .errorCode: Self.codes(of: verdicts)])
    }
    if settling.held > 0 {
      log.log(
        .error,
        "What may not come in stays in the stream, which has no room for more dead letters: millrace intake dead.",
        [.count: String(settling.held), .errorCode: Self.codes(of: verdicts)])
    }
  }

  private static func codes(of verdicts: [StreamVerdict]) -> String {
    let codes = verdicts.compactMap { if case .refused(_, let refusal) = $0 { refusal.code } else { nil } }
    return Set(codes).sorted().joined(separator: " ")
  }

  /// Does something until it works; nil where the task was cancelled before it did.
  private func patiently<Value: Sendable>(
    _ message: Logger.Message, _ body: () async throws(DriverError) -> Value
  ) async -> Value? {
    var retries = LoopRetries(environment: environment)
    while true {
      do throws(DriverError) {
        return try await body()
      } catch {
        guard !Task.isCancelled else { return nil }
        log.log(.warning, message, error.logFields)
        await retries.wait()
        if Task.isCancelled { return nil }
      }
    }
  }
}
