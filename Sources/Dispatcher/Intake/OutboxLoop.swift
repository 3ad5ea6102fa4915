public import Logging
public import WorkerKit

/// Takes events from an outbox, for as long as the program runs. Any number of programs may do so at one outbox.
public struct OutboxLoop: Sendable {
  /// What one look came to.
  public struct Look: Sendable, Hashable {
    /// How many entries were taken.
    public let taken: Int
    /// How many of them were put aside, since they may not come in.
    public let refused: Int

    /// Says what a look came to.
    public init(taken: Int, refused: Int) {
      self.taken = taken
      self.refused = refused
    }
  }

  /// How long after a look that found little the next one follows.
  public static let interval = Duration.milliseconds(200)
  /// The most entries that one look takes.
  public static let batch = 500

  private let arrivals: Signal
  private let pulse: Pulse
  private let environment: Environment
  private let metrics: Metrics
  private let log: Logger
  private let pressure: BackPressure?
  private let look: @Sendable (Int) async throws(DriverError) -> Look

  /// Prepares a loop. `look` takes and records up to so many entries, in one transaction; `arrivals` is raised when it
  /// has found any, and `pulse` beats at each look. While `pressure` says that too many events wait, entries wait in
  /// the outbox.
  public init(
    arrivals: Signal, pulse: Pulse, environment: Environment, metrics: Metrics, log: Logger,
    pressure: BackPressure? = nil,
    look: @escaping @Sendable (Int) async throws(DriverError) -> Look
  ) {
    self.arrivals = arrivals
    self.pulse = pulse
    self.environment = environment
    self.metrics = metrics
    self.log = log
    self.pressure = pressure
    self.look = look
  }

  /// Looks until the task is cancelled: at once again after a full batch, else after the interval. Errors are logged
  /// and tried again after a growing wait.
  public func run() async {
    var retries = LoopRetries(environment: environment)
    while !Task.isCancelled {
      do throws(DriverError) {
        let isOpen = await pressure?.takesEvents() ?? true
        let found = isOpen ? try await look(Self.batch) : Look(taken: 0, refused: 0)
        retries.reset()
        pulse.beat()
        tell(found)
        if found.taken < Self.batch { try? await environment.time.sleep(for: Self.interval) }
      } catch {
        log.log(.warning, "The outbox could not be drained; its events wait there.", error.logFields)
        await retries.wait()
      }
    }
  }

  private func tell(_ found: Look) {
    pressure?.note(recorded: found.taken - found.refused)
    if found.taken > found.refused { arrivals.raise() }
    guard found.refused > 0 else { return }
    metrics.add(found.refused, to: MetricName.events, "refused")
    log.log(
      .error, "Events of the outbox may not come in; millrace.outbox_refused says why.",
      [.count: String(found.refused)])
  }
}
