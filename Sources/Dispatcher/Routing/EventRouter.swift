public import Logging
public import Tracing
public import WorkerKit

/// Turns recorded events into runs and jobs, for as long as the program runs.
///
/// Any number of routers may work on one store: the store routes each event once.
public struct EventRouter: Sendable {
  private let store: any JobStore
  private let handoffs: RoutedHandoffs
  private let pressure: BackPressure?
  private let plan: RoutePlanner
  private let next: SettlePlanner
  private let arrivals: Signal
  private let pulse: Pulse
  private let environment: Environment
  private let log: Logger
  private let tracer: (any Tracer)?
  private let endings: JobEndings
  private let isOpen: @Sendable () -> Bool
  private let learn: @Sendable (DriverError) async -> Bool

  /// The most events that one transaction routes.
  static let batch = 500
  /// How long an event that nobody announced may wait: one that another process recorded.
  static let longestWait = Duration.seconds(1)

  /// Prepares a router. `plan` plans the runs of events, and `next` what follows in runs in which a new job has ended
  /// another; `learn` brings what a planner lacked, or says false. Whoever records or emits events raises `arrivals`;
  /// `pulse` beats at each pass. `library` tells `tracer` which events a run emits that ends without an attempt. While
  /// `isOpen` says no, events wait, and while `pressure` says that a queue is full.
  public init(
    store: any JobStore, queue: any JobQueue, plan: @escaping RoutePlanner, next: @escaping SettlePlanner,
    learn: @escaping @Sendable (DriverError) async -> Bool = { _ in false }, arrivals: Signal, pulse: Pulse,
    environment: Environment, metrics: Metrics, log: Logger, tracer: (any Tracer)? = nil,
    library: PipelineLibrary? = nil, pressure: BackPressure? = nil, isOpen: @escaping @Sendable () -> Bool = { true }
  ) {
    self.store = store
    handoffs = RoutedHandoffs(
      courier: Courier(store: store, queue: queue), pressure: pressure, time: environment.time)
    self.pressure = pressure
    self.plan = plan
    self.next = next
    self.arrivals = arrivals
    self.pulse = pulse
    self.environment = environment
    self.log = log
    self.tracer = tracer
    endings = JobEndings(tracer: tracer, metrics: metrics, time: environment.time, library: library)
    self.isOpen = isOpen
    self.learn = learn
  }

  /// Routes until the task is cancelled. Errors are logged and tried again after a growing wait; none ends the loop.
  ///
  /// An event that cannot be planned stays unrouted and is logged once; it is tried again at each pass, since a
  /// corrected pipeline may take it.
  public func run() async {
    var retries = LoopRetries(environment: environment)
    var failed: Set<EventID> = []
    while !Task.isCancelled {
      let seen = arrivals.count
      do throws(DriverError) {
        let result = try await routeWaiting()
        let isHeld = pressure?.isRoutingHeld ?? false
        // A pass that was held back has not looked at all events.
        report(result.failed.subtracting(failed))
        failed = isHeld ? failed.union(result.failed) : result.failed
        retries.reset()
        pulse.beat()
        let wait = isHeld ? BackPressure.interval : Self.longestWait
        await arrivals.wait(after: seen, atMost: wait, on: environment.time)
      } catch {
        if await learn(error) { continue }
        log.log(.warning, "Events could not be routed; they wait in the store.", error.logFields)
        await retries.wait()
      }
    }
  }

  /// Routes everything that waits now, or as much as queues have room for.
  /// - Returns: How many events were routed, and those that could not be planned.
  @discardableResult
  public func routeWaiting() async throws(DriverError) -> (routed: Int, failed: Set<EventID>) {
    var (routed, failed) = (0, Set<EventID>())
    while isOpen() {
      let limit = try await allowance()
      guard limit > 0 else { break }
      let traces = tracer.map { RouteTraces($0, time: environment.time) }
      let emissions = endings.emissions()
      let result = try await store.route(
        limit: limit, plan: traces?.noting(plan) ?? plan, next: emissions?.noting(next) ?? next)
      traces?.end()
      endings.tell(result.ended, emitting: emissions)
      pressure?.note(routed: result.routed, jobs: result.jobs)
      try await handoffs.deliver(result.handoff)
      if result.routed == 0 { handoffs.noteNothingWaits() }
      routed += result.routed
      failed.formUnion(result.failed)
      // A pass that routed nothing would read the same events again.
      if result.routed == 0 || result.routed + result.failed.count < limit { break }
    }
    return (routed, failed)
  }

  /// How many events may be routed now.
  private func allowance() async throws(DriverError) -> Int {
    let room = if let pressure { await pressure.allowance(upTo: Self.batch) } else { Self.batch }
    guard room > 0 else { return 0 }
    return switch try await handoffs.way() {
    case .open: room
    case .single: 1
    case .closed: 0
    }
  }

  private func report(_ failed: Set<EventID>) {
    for event in failed.sorted() {
      log.log(.error, "An event could not be planned; it stays unrouted.", [.eventID: event.rawValue])
    }
  }
}
