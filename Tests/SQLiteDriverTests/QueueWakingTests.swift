import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Hosts that wait for a queue in a file", .timeLimit(.minutes(5)))
struct QueueWakingTests {
  private let time = ManualTime()

  private func withQueue(_ body: (SQLiteEmbedded, Notebook) async throws -> Void) async throws {
    try await Notebook.open { notebook async throws in
      let embedded = try open(notebook, seed: 1)
      let result: Result<Void, any Error>
      do { result = .success(try await body(embedded, notebook)) } catch { result = .failure(error) }
      await embedded.database.close()
      try result.get()
    }
  }

  private func open(_ notebook: Notebook, seed: UInt64) throws(DriverError) -> SQLiteEmbedded {
    try SQLiteEmbedded(path: notebook.path, environment: .test(seed: seed, time: time))
  }

  private func request(wait: Duration) -> LeaseRequest {
    LeaseRequest(queue: .standard, limit: 5, length: .seconds(15), host: "host", wait: wait)
  }

  /// Creates a job by way of a store that hands over instead of pushing, and pushes what it handed over.
  private func push(_ job: JobID, delay: Duration = .zero, to embedded: SQLiteEmbedded) async throws {
    let store = SQLiteStore(database: embedded.database, environment: .test(seed: 3, time: time))
    let event = EventEnvelope(id: "event", type: "Checked", occurredAt: time.now, tenant: "acme", payload: [:])
    #expect(try await store.record([event]) == [.accepted])
    let new = NewJob(id: job, stage: "work", worker: "checks.work", queue: .standard, input: .resolved([]))
    let run = NewRun(id: "run", pipeline: "checks", revision: "0", plan: RunPlan(jobs: [new]))
    let handoff = try #require(try await store.route(limit: 1) { _ in [run] }.handoff)
    let entry = QueueEntry(job: job, fence: .first, queue: .standard, delay: delay)
    let delayed = Handoff(id: handoff.id, epoch: handoff.epoch, notAfter: handoff.notAfter, entries: [entry])
    #expect(try await embedded.queue.push(delayed) == [.pushed])
  }

  @Test("A push by the same process wakes at once, without the clock")
  func wakesAtOnce() async throws {
    try await withQueue { embedded, _ async throws in
      async let leases = embedded.queue.lease(request(wait: .seconds(60)))
      try await time.waitForSleepers()
      try await push("job", to: embedded)
      #expect(try await leases.map(\.authority.job) == ["job"])
      #expect(time.monotonic == .zero)
    }
  }

  @Test("A job that the store creates wakes at once, without the clock")
  func wakesOnRouting() async throws {
    try await withQueue { embedded, _ async throws in
      let moment = time.now
      async let leases = embedded.queue.lease(request(wait: .seconds(60)))
      try await time.waitForSleepers()
      let event = EventEnvelope(id: "event", type: "Checked", occurredAt: moment, tenant: "acme", payload: [:])
      #expect(try await embedded.store.record([event]) == [.accepted])
      let job = NewJob(id: "job", stage: "work", worker: "checks.work", queue: .standard, input: .resolved([]))
      let run = NewRun(id: "run", pipeline: "checks", revision: "0", plan: RunPlan(jobs: [job]))
      #expect(try await embedded.store.route(limit: 1) { _ in [run] }.jobs == 1)
      #expect(try await leases.map(\.authority.job) == ["job"])
      #expect(time.monotonic == .zero)
    }
  }

  @Test("A push by another process is seen within the waking time")
  func seesAForeignPush() async throws {
    try await withQueue { embedded, notebook async throws in
      let other = try open(notebook, seed: 2)
      async let leases = embedded.queue.lease(request(wait: .seconds(60)))
      try await time.waitForSleepers()
      try await push("job", to: other)
      time.advance(by: SQLiteQueue.wakingTime)
      #expect(try await leases.map(\.authority.job) == ["job"])
      #expect(time.monotonic == SQLiteQueue.wakingTime)
      await other.database.close()
    }
  }

  @Test("A delayed entry is granted when its time has come, and not before")
  func waitsForTheDelay() async throws {
    try await withQueue { embedded, _ async throws in
      try await push("job", delay: .milliseconds(2300), to: embedded)
      #expect(try await embedded.queue.lease(request(wait: .zero)).isEmpty)
      async let leases = embedded.queue.lease(request(wait: .seconds(60)))
      for length in [1000, 1000, 299, 1] {
        try await time.waitForSleepers()
        #expect(try await embedded.queue.depths().first?.waiting == 1)
        time.advance(by: .milliseconds(length))
      }
      #expect(try await leases.map(\.authority.job) == ["job"])
      #expect(time.monotonic == .milliseconds(2300))
    }
  }

  @Test("A wait ends empty when it is over, and when its task is cancelled")
  func endsEmpty() async throws {
    try await withQueue { embedded, _ async throws in
      async let leases = embedded.queue.lease(request(wait: .milliseconds(1500)))
      for length in [1000, 500] {
        try await time.waitForSleepers()
        time.advance(by: .milliseconds(length))
      }
      #expect(try await leases.isEmpty)
      let queue = embedded.queue
      let request = request(wait: .seconds(60))
      try await withThrowingTaskGroup(of: [Lease].self) { group in
        group.addTask { try await queue.lease(request) }
        try await time.waitForSleepers()
        group.cancelAll()
        #expect(try await group.next() == [])
      }
    }
  }
}
