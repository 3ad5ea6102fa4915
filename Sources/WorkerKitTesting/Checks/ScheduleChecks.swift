internal import WorkerKit

extension SeamCheck {
  /// How far schedules have come.
  static let schedules = [
    ticksOnce, armsWithoutFiring, ticksLate, refusesOlderTick, ticksKnownEvent, ticksTogether,
  ]

  private static let ticksOnce = SeamCheck("a tick fires once, however many dispatchers see it come") { bench in
    let times = (1...20).map { bench.time.now + .seconds($0 * 60) }
    let answers = try await withThrowingTaskGroup(of: [TickAnswer].self) { group in
      for _ in 0..<8 {
        group.addTask {
          var answers: [TickAnswer] = []
          for time in times { answers += try await bench.store.tick([bench.tick(at: time)]) }
          return answers
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    let fired = answers.count { $0 == .fired }
    try expect(fired >= 1 && fired <= times.count, "Each tick fires for one dispatcher.")
    try expect(try await bench.store.unroutedCount(), is: fired, "What fired, and nothing else, is recorded.")
    try expect(try await bench.store.ticks()[SeamBench.pipeline]?.time, is: times.last, "The last tick is recorded.")
  }

  private static let armsWithoutFiring = SeamCheck("a schedule that begins is armed, and fires nothing") { bench in
    try expect(try await bench.store.ticks(), is: [:], "No schedule has come any way at first.")
    let start = bench.time.now
    let armed = bench.tick(at: start, fires: false)
    try expect(try await bench.store.tick([armed, armed]), is: [.fired, .known], "It is armed once.")
    try expect(try await bench.store.unroutedCount(), is: 0, "Nothing is recorded.")
    let recorded = RecordedTick(schedule: SeamBench.schedule, time: start, hasFired: false)
    try expect(try await bench.store.ticks(), is: [SeamBench.pipeline: recorded], "It counts from then on.")
    let other = Schedule(cron: "0 4 * * *", timeZone: "Asia/Kolkata")
    bench.time.advance(by: .seconds(1))
    let again = ScheduleTick(pipeline: SeamBench.pipeline, schedule: other, time: bench.time.now, event: nil)
    try expect(try await bench.store.tick([again]), is: [.fired], "Another schedule is armed anew.")
    try expect(try await bench.store.ticks()[SeamBench.pipeline]?.schedule, is: other, "It takes the old one's place.")
  }

  private static let ticksLate = SeamCheck("a late tick fires, and those before it are known") { bench in
    let times = (1...3).map { bench.time.now + .seconds($0 * 60) }
    _ = try await bench.store.tick([bench.tick(at: bench.time.now, fires: false)])
    bench.time.advance(by: .seconds(86_400))
    try expect(try await bench.store.tick([bench.tick(at: times[2])]), is: [.fired], "The latest one fires.")
    let missed = try await bench.store.tick([bench.tick(at: times[0]), bench.tick(at: times[1])])
    try expect(missed, is: [.known, .known], "Those before it are known.")
    let recorded = RecordedTick(schedule: SeamBench.schedule, time: times[2], hasFired: true)
    try expect(try await bench.store.ticks(), is: [SeamBench.pipeline: recorded], "The latest one is recorded.")
    try expect(try await bench.store.unroutedCount(), is: 1, "One event is recorded.")
  }

  private static let refusesOlderTick = SeamCheck("a tick that is not later changes nothing") { bench in
    let time = bench.time.now
    let other: PipelineName = "other"
    let batch = [
      bench.tick(at: time), bench.tick(at: time), bench.tick(at: time + .milliseconds(-1)),
      bench.tick(at: time + .milliseconds(-1), of: other), bench.tick(at: time + .milliseconds(1)),
      bench.tick(at: time + .milliseconds(-2), fires: false, of: other),
    ]
    try expect(
      try await bench.store.tick(batch), is: [.fired, .known, .known, .fired, .fired, .known],
      "Each pipeline's ticks go forwards, within a batch too.")
    let ticks = try await bench.store.ticks()
    try expect(ticks[SeamBench.pipeline]?.time, is: time + .milliseconds(1), "A pipeline's latest tick is recorded.")
    try expect(ticks[other]?.time, is: time + .milliseconds(-1), "Another pipeline's ticks are its own.")
    try expect(ticks[other]?.hasFired, is: true, "A schedule that was to be armed late has fired all the same.")
    try expect(try await bench.store.unroutedCount(), is: 3, "What fired is recorded.")
  }

  private static let ticksKnownEvent = SeamCheck("a tick whose event is known fires, and the first event stands") {
    bench in
    let tick = bench.tick(at: bench.time.now)
    let event = try require(tick.event, "The tick has an event.")
    _ = try await bench.store.record([event])
    try expect(try await bench.store.tick([tick]), is: [.fired], "The tick is recorded.")
    try expect(try await bench.store.unroutedCount(), is: 1, "The event is there once.")
    let result = try await bench.store.route(limit: 10) { _ in [] }
    try expect(result.routed, is: 1, "A tick's event is routed as any other.")
    try expect(try await bench.store.tick([bench.tick(at: bench.time.now + .seconds(60))]), is: [.fired], "It goes on.")
    let later = try await bench.store.route(limit: 10) { _ in [] }
    try expect(later.routed, is: 1, "The next tick's event is another one.")
  }

  private static let ticksTogether = SeamCheck("a tick and its event are recorded together") { bench in
    let start = bench.time.now
    let ticks = (1...30).map { bench.tick(at: start + .seconds($0 * 60)) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for tick in ticks { try expect(try await bench.store.tick([tick]), is: [.fired], "Each tick fires.") }
      }
      group.addTask {
        for tick in ticks {
          let event = try require(tick.event, "Each tick has an event.")
          var isTold = false
          while !isTold {
            isTold = (try await bench.store.ticks()[SeamBench.pipeline]).map { $0.time >= tick.time } ?? false
            let isKept = try await !bench.store.events(id: event.id, tenant: event.tenant).isEmpty
            try expect(isKept || !isTold, "A recorded tick has its event.")
            let isNow = (try await bench.store.ticks()[SeamBench.pipeline]).map { $0.time >= tick.time } ?? false
            try expect(isNow || !isKept, "A recorded event has its tick.")
          }
        }
      }
      try await group.waitForAll()
    }
  }
}

extension SeamBench {
  fileprivate static let schedule = Schedule(cron: "* * * * *")

  /// A tick, with the event that any dispatcher makes for it.
  fileprivate func tick(at time: Timestamp, fires: Bool = true, of pipeline: PipelineName = Self.pipeline)
    -> ScheduleTick
  {
    let event = EventEnvelope(
      id: EventID("tick-\(pipeline)-\(time)"), source: "checks", type: Schedule.eventType, occurredAt: time,
      tenant: Schedule.tenant, payload: ["pipeline": .string(pipeline.rawValue)])
    return ScheduleTick(pipeline: pipeline, schedule: Self.schedule, time: time, event: fires ? event : nil)
  }
}
