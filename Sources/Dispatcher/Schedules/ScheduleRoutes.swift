public import WorkerKit

/// `GET /v1/schedules`: which pipelines begin at times of the calendar, when they did last, and when they will next.
public struct ScheduleRoutes: APIExtension {
  private let store: any JobStore
  private let pipelines: @Sendable () -> [Pipeline]
  private let zones: TimeZoneFolder
  private let environment: Environment

  /// Tells of the pipelines that `pipelines` names at the time.
  public init(
    store: any JobStore, pipelines: @escaping @Sendable () -> [Pipeline], zones: TimeZoneFolder = .system,
    environment: Environment
  ) {
    self.store = store
    self.pipelines = pipelines
    self.zones = zones
    self.environment = environment
  }

  public var routes: [APIRoute] { [APIRoute("GET", "/v1/schedules") { _ in try await list() }] }

  private func list() async throws -> APIResponse {
    let (now, recorded) = (environment.time.now, try await store.ticks())
    let schedules = pipelines().schedules.map { pipeline, schedule in
      var members: [String: JSON] = [
        "pipeline": .string(pipeline.rawValue), "cron": .string(schedule.cron),
        "time_zone": .string(schedule.timeZone),
      ]
      // What is recorded of another schedule of the pipeline says nothing about this one.
      let last = recorded[pipeline].flatMap { $0.schedule == schedule ? $0 : nil }
      members["last_tick"] = .moment(last.flatMap { $0.hasFired ? $0.time : nil })
      do throws(ScheduleProblem) {
        let times = try ScheduleTimes(schedule, zones: zones)
        members["next_tick"] = .moment(times.next(after: max(now, last?.time ?? now)))
      } catch {
        members["next_tick"] = .null
        members["problem"] = .string(error.description)
      }
      return JSON.object(members)
    }
    return APIResponse(.object(["schedules": .array(schedules)]))
  }
}
