import WorkerKit

extension Mutant {
  static let scheduleMutants = [ticksForAnybody, ticksApart, firesArmed, ticksBackwards]

  private static let ticksForAnybody = store(
    "fires a tick for whoever sees it", caughtBy: "a tick fires once, however many dispatchers see it come"
  ) { store, _ in
    let base = store.base
    store.ticking = { ticks throws(DriverError) in
      _ = try await base.tick(ticks)
      return ticks.map { _ in .fired }
    }
  }

  private static let ticksApart = store(
    "records a tick before its event", caughtBy: "a tick and its event are recorded together"
  ) { store, _ in
    let base = store.base
    store.ticking = { ticks throws(DriverError) in
      let bare = ticks.map { ScheduleTick(pipeline: $0.pipeline, schedule: $0.schedule, time: $0.time, event: nil) }
      let answers = try await base.tick(bare)
      for _ in 0..<1000 { await Task.yield() }
      for (tick, answer) in zip(ticks, answers) where answer == .fired {
        if let event = tick.event { _ = try await base.record([event]) }
      }
      return answers
    }
  }

  private static let firesArmed = store(
    "forgets whether a schedule has fired", caughtBy: "a schedule that begins is armed, and fires nothing"
  ) { store, _ in
    let base = store.base
    store.telling = { () throws(DriverError) in
      try await base.ticks().mapValues { RecordedTick(schedule: $0.schedule, time: $0.time, hasFired: true) }
    }
  }

  private static let ticksBackwards = store(
    "fires older ticks", caughtBy: "a late tick fires, and those before it are known"
  ) { store, _ in
    let base = store.base
    store.ticking = { ticks throws(DriverError) in
      let answers = try await base.tick(ticks)
      _ = try await base.record(ticks.compactMap(\.event))
      return answers.map { _ in .fired }
    }
  }
}
