import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Schedules in a file", .timeLimit(.minutes(5)))
struct ScheduleTests {
  private static let schedule = Schedule(cron: "0 3 * * *", timeZone: "Europe/Berlin")

  private static func tick(_ pipeline: PipelineName, at time: Timestamp) -> ScheduleTick {
    let event = EventEnvelope(
      id: EventID("tick-\(pipeline)"), type: Schedule.eventType, occurredAt: time, tenant: Schedule.tenant,
      payload: ["pipeline": .string(pipeline.rawValue)])
    return ScheduleTick(pipeline: pipeline, schedule: schedule, time: time, event: event)
  }

  @Test("An event that cannot be kept takes its tick, and the whole batch, with it")
  func tickAndEventTogether() async throws {
    try await Notebook.open { notebook async throws in
      let time = ManualTime()
      let environment = Environment.test(seed: 1, time: time)
      try await notebook.withDatabase { database async throws in
        let store = SQLiteStore(database: database, environment: environment)
        try await database.write { transaction in
          _ = try transaction.run(
            """
            CREATE TRIGGER refusal BEFORE INSERT ON events WHEN NEW.id = 'tick-bad'
            BEGIN SELECT RAISE(ABORT, 'refused'); END
            """)
        }
        let batch = [Self.tick("good", at: time.now), Self.tick("bad", at: time.now)]
        await #expect(throws: DriverError.self) { try await store.tick(batch) }
        #expect(try await store.ticks().isEmpty)
        #expect(try await store.unroutedCount() == 0)
        #expect(try await store.tick([batch[0]]) == [.fired])
      }
    }
  }

  @Test("What was recorded is there when the file is opened again")
  func survives() async throws {
    try await Notebook.open { notebook async throws in
      let time = ManualTime()
      let environment = Environment.test(seed: 1, time: time)
      try await notebook.withDatabase { database async throws in
        let store = SQLiteStore(database: database, environment: environment)
        #expect(try await store.tick([Self.tick("nightly", at: time.now)]) == [.fired])
      }
      try await notebook.withDatabase { database async throws in
        let store = SQLiteStore(database: database, environment: environment)
        let recorded = RecordedTick(schedule: Self.schedule, time: time.now, hasFired: true)
        #expect(try await store.ticks() == ["nightly": recorded])
        #expect(try await store.tick([Self.tick("nightly", at: time.now)]) == [.known])
      }
    }
  }
}
