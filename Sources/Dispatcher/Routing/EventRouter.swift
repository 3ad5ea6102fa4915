public import Logging
public import WorkerKit

/// Turns recorded events into runs and jobs, for as long as the program runs.
///
/// Any number of routers may work on one store: the store routes each event once.
public struct EventRouter: Sendable {
  private let store: any JobStore
  private let courier: Courier
  private let plan: RoutePlanner
  private let arrivals: Signal
  private let pulse: Pulse
  private let environment: Environment
  private let log: Logger
  private let isOpen: @Sendable () -> Bool

  /// The most events that one transaction routes.
  static let batch = 500
  /// How long an event that nobody announced may wait: one that another process recorded.
  static let longestWait = Duration.seconds(1)

  /// Prepares a router. Whoever records or emits events raises `arrivals`; `pulse` beats at each pass. While `isOpen`
  /// says no, events wait.
  public init(
    store: any JobStore, queue: any JobQueue, plan: @escaping RoutePlanner, arrivals: Signal, pulse: Pulse,
    environment: Environment, log: Logger, isOpen: @escaping @Sendable () -> Bool = { true }
  ) {
    self.store = store
    courier = Courier(store: store, queue: queue)
    self.plan = plan
    self.arrivals = arrivals
    self.pulse = pulse
    self.environment = environment
    self.log = log
    self.isOpen = isOpen
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
        report(result.failed.subtracting(failed))
        failed = result.failed
        retries.reset()
        pulse.beat()
        await arrivals.wait(after: seen, atMost: Self.longestWait, on: environment.time)
      } catch {
        log.log(.warning, "Events could not be routed; they wait in the store.", error.logFields)
        await retries.wait()
      }
    }
  }

  /// Routes everything that waits now.
  /// - Returns: How many events were routed, and those that could not be planned.
  @discardableResult
  public func routeWaiting() async throws(DriverError) -> (routed: Int, failed: Set<EventID>) {
    var (routed, failed) = (0, Set<EventID>())
    while isOpen() {
      let result = try await store.route(limit: Self.batch, plan: plan)
      try await courier.deliver(result.handoff)
      routed += result.routed
      failed.formUnion(result.failed)
      // A pass that routed nothing would read the same events again.
      if result.routed == 0 || result.routed + result.failed.count < Self.batch { break }
    }
    return (routed, failed)
  }

  private func report(_ failed: Set<EventID>) {
    for event in failed.sorted() {
      log.log(.error, "An event could not be planned; it stays unrouted.", [.eventID: event.rawValue])
    }
  }
}
