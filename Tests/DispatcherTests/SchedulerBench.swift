import Dispatcher
import Synchronization
import Testing
import WorkerKitTesting

@testable import WorkerKit

/// Schedulers over a database of their own, and the pipelines that they look after.
final class SchedulerBench: Sendable {
  let base: TestBench
  let changes = Signal()
  let pulse: Pulse
  private let active = Mutex<[Pipeline]>([])

  init() throws {
    base = try TestBench()
    pulse = Pulse(time: base.time)
  }

  var time: ManualTime { base.time }

  /// Makes these pipelines, with these expressions, the active ones.
  func activate(_ schedules: [String: String], zone: String = "UTC") throws {
    let pipelines = try schedules.map { name, cron in
      try Self.pipeline(name, Schedule(cron: cron, timeZone: zone))
    }
    active.withLock { $0 = pipelines }
  }

  /// Makes the pipelines of these files the active ones.
  func activate(files: [String]) throws {
    let pipelines = try files.map { try Pipeline.compile($0, file: "file.yaml") }
    active.withLock { $0 = pipelines }
  }

  var pipelines: [Pipeline] { active.withLock { $0 } }

  func scheduler() -> Scheduler {
    Scheduler(
      store: base.store, pipelines: { self.pipelines }, changes: changes, arrivals: base.arrivals, pulse: pulse,
      environment: base.environment, metrics: base.metrics, log: base.logs.logger)
  }

  /// The moments of the ticks that are recorded for a pipeline, of these.
  func recorded(_ pipeline: String, among moments: [String]) async throws -> [String] {
    var found: [String] = []
    for moment in moments {
      let events = try await base.store.events(id: EventID("tick-\(pipeline)-\(moment)"), tenant: Schedule.tenant)
      found += events.map(\.envelope.occurredAt.description)
    }
    return found
  }

  /// Moves the clock to a moment that is ahead.
  func advance(to text: String) throws {
    time.advance(by: try #require(Timestamp(rfc3339: text)) - time.now)
  }

  static func pipeline(_ name: String, _ schedule: Schedule) throws -> Pipeline {
    let file = """
      pipeline: \(name)
      trigger: { event: Replaced }
      stages:
        work: { uses: test.work, with: { at: "${event.payload.scheduled_at}" } }
      """
    let compiled = try Pipeline.compile(file, file: "\(name).yaml")
    return Pipeline(
      name: compiled.name, description: "", revision: compiled.revision, source: compiled.source,
      trigger: Pipeline.Trigger(schedule, of: compiled.name), stages: compiled.stages, ordered: compiled.ordered,
      emits: compiled.emits)
  }
}
