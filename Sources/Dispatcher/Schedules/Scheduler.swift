public import Logging
public import WorkerKit

/// Makes the events of schedules when their times come, for as long as the program runs.
///
/// Any number of schedulers may work on one store: the store takes each tick once. A tick's event has an id that every
/// scheduler gives it. After an outage the latest tick that was missed fires, alone. A schedule that is new, or whose
/// text changed, begins from the moment at which it is first seen; a wall clock that steps back fires nothing again.
public struct Scheduler: Sendable {
  private let store: any JobStore
  private let pipelines: @Sendable () -> [Pipeline]
  private let zones: TimeZoneFolder
  private let changes: Signal
  private let arrivals: Signal
  private let pulse: Pulse
  private let environment: Environment
  private let metrics: Metrics
  private let log: Logger

  /// The longest sleep: a wall clock that was stepped is noticed by then.
  public static let longestWait = Duration.seconds(60)
  /// The most missed ticks that are counted one by one.
  public static let mostCounted = 10_000
  /// A recorded tick that is further ahead of the wall clock than this is one from a clock that was wrong.
  static let longestLead = Duration.seconds(3600)

  /// Prepares a scheduler of the pipelines that `pipelines` names at the time. Whoever changes them raises `changes`;
  /// events that were made raise `arrivals`; `pulse` beats at each pass.
  public init(
    store: any JobStore, pipelines: @escaping @Sendable () -> [Pipeline], zones: TimeZoneFolder = .system,
    changes: Signal = Signal(), arrivals: Signal, pulse: Pulse, environment: Environment, metrics: Metrics, log: Logger
  ) {
    self.store = store
    self.pipelines = pipelines
    self.zones = zones
    self.changes = changes
    self.arrivals = arrivals
    self.pulse = pulse
    self.environment = environment
    self.metrics = metrics
    self.log = log
  }

  /// Fires ticks until the task is cancelled. Errors are logged and tried again after a growing wait; none ends the
  /// loop. What is wrong with a schedule is logged once.
  public func run() async {
    var retries = LoopRetries(environment: environment)
    var told: Set<PipelineName> = []
    while !Task.isCancelled {
      let seen = changes.count
      do throws(DriverError) {
        let pass = try await fireDue()
        report(pass.problems.filter { !told.contains($0.key) })
        told = Set(pass.problems.keys)
        retries.reset()
        pulse.beat()
        await changes.wait(after: seen, atMost: wait(until: pass.next), on: environment.time)
      } catch {
        log.log(.warning, "Schedules could not be looked after; what is due fires later.", error.logFields)
        await retries.wait()
      }
    }
  }

  /// Fires everything that is due now, and arms the schedules that begin.
  /// - Returns: What fired, when the next tick is due, and which schedules cannot tick.
  @discardableResult
  public func fireDue() async throws(DriverError) -> SchedulerPass {
    let now = environment.time.now
    let recorded = try await store.ticks()
    var pass = SchedulerPass()
    var plans: [TickPlan] = []
    for (pipeline, schedule) in pipelines().schedules {
      do throws(ScheduleProblem) {
        let times = try ScheduleTimes(schedule, zones: zones)
        let plan = TickPlan(of: pipeline, schedule, times, after: recorded[pipeline], at: now)
        pass.note(next: plan.next)
        if plan.tick != nil { plans.append(plan) }
        if plan.lead > Self.longestLead { pass.problems[pipeline] = Self.ahead }
      } catch {
        pass.problems[pipeline] = error.description
      }
    }
    pass.fired = try await fire(plans)
    return pass
  }

  private static let ahead = "the last tick is more than an hour ahead of the wall clock; none fires until then"

  private func fire(_ plans: [TickPlan]) async throws(DriverError) -> [PipelineName: Timestamp] {
    guard !plans.isEmpty else { return [:] }
    let answers = try await store.tick(plans.compactMap(\.tick))
    let fired = zip(plans, answers).filter { $0.0.tick?.event != nil && $0.1 == .fired }.map(\.0)
    guard !fired.isEmpty else { return [:] }
    arrivals.raise()
    for plan in fired { count(plan) }
    return Dictionary(fired.compactMap { plan in plan.tick.map { (plan.pipeline, $0.time) } }) { first, _ in first }
  }

  private func count(_ plan: TickPlan) {
    let pipeline = plan.pipeline.rawValue
    metrics.add(to: MetricName.scheduleTicks, pipeline, "fired")
    guard plan.missed > 0 else { return }
    metrics.add(plan.missed, to: MetricName.scheduleTicks, pipeline, "missed")
    log.log(
      .warning, "Ticks of a schedule were missed; the latest fired in their place.",
      [.pipeline: pipeline, .count: String(plan.missed)])
  }

  private func report(_ problems: [PipelineName: String]) {
    for (pipeline, problem) in problems.sorted(by: { $0.key < $1.key }) {
      log.log(
        .error, "A schedule cannot tick; its pipeline is not started.",
        [.pipeline: pipeline.rawValue, .errorDetail: problem])
    }
  }

  private func wait(until next: Timestamp?) -> Duration {
    guard let next else { return Self.longestWait }
    // A millisecond at least, or else a clock that stands still would keep the loop busy.
    return min(Self.longestWait, max(.milliseconds(1), next - environment.time.now))
  }
}
