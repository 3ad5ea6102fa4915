public import WorkerKit

extension InMemoryStore {
  public func ticks() async throws(DriverError) -> [PipelineName: RecordedTick] { state.withLock { $0.ticks } }

  public func tick(_ ticks: [ScheduleTick]) async throws(DriverError) -> [TickAnswer] {
    let now = environment.time.now
    return state.withLock { state in ticks.map { state.record($0, at: now) } }
  }
}

extension StoreState {
  fileprivate mutating func record(_ tick: ScheduleTick, at moment: Timestamp) -> TickAnswer {
    if let recorded = ticks[tick.pipeline], recorded.time >= tick.time { return .known }
    ticks[tick.pipeline] = RecordedTick(schedule: tick.schedule, time: tick.time, hasFired: tick.event != nil)
    if let event = tick.event { _ = insert(event, at: moment) }
    return .fired
  }
}
