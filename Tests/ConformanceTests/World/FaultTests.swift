import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Failing on demand")
struct FaultTests {
  private let environment = Environment.test(seed: 1)
  private let busy = DriverError(.unavailable, "busy", "The file is busy; try again.")

  private func event() -> EventEnvelope {
    EventEnvelope(id: "e", type: "Checked", occurredAt: environment.time.now, tenant: "acme", payload: .null)
  }

  @Test("A planned failure does nothing, as often as planned")
  func fails() async throws {
    let store = FaultyStore(InMemoryStore(environment: environment))
    store.faults.failNext(.record, with: busy, times: 2)
    for _ in 0..<2 { await #expect(throws: busy) { try await store.record([event()]) } }
    #expect(try await store.record([event()]) == [.accepted])
    #expect(store.faults.calls(of: .record) == 3)
    #expect(store.faults.calls(of: .route) == 0)
  }

  @Test("A lost answer comes after the work")
  func losesAnswer() async throws {
    let store = FaultyStore(InMemoryStore(environment: environment))
    store.faults.loseAnswer(of: .record)
    await #expect(throws: Faults<FaultyStore.Verb>.lostAnswer) { try await store.record([event()]) }
    #expect(try await store.record([event()]) == [.duplicate])
  }

  @Test("A held call waits until it is released")
  func holds() async throws {
    let queue = FaultyQueue(InMemoryQueue(environment: environment))
    queue.faults.hold(.push)
    let entry = QueueEntry(job: "j", fence: .first, queue: .standard)
    let notAfter = environment.time.now + .seconds(1)
    let handoff = Handoff(id: 1, epoch: .first, notAfter: notAfter, entries: [entry])
    async let answers = queue.push(handoff)
    try await queue.faults.waitForCalls(of: .push)
    #expect(try await queue.known([FencedJob(job: "j", fence: .first)]) == [.unknown])
    queue.faults.release(.push)
    #expect(try await answers == [.pushed])
  }

  @Test("A held call that is cancelled fails without doing anything")
  func cancelsHeld() async throws {
    let store = FaultyStore(InMemoryStore(environment: environment))
    store.faults.hold(.probe)
    await withTaskGroup(of: DriverError?.self) { group in
      group.addTask {
        do throws(DriverError) {
          try await store.probe()
          return nil
        } catch {
          return error
        }
      }
      try? await store.faults.waitForCalls(of: .probe)
      group.cancelAll()
      #expect(await group.next()??.code == "call_cancelled")
    }
  }

  @Test("Every seam check passes through decorators that fail never")
  func passesThrough() async throws {
    let driver = SeamDriver("through faults") { environment in
      SeamPair(
        store: FaultyStore(InMemoryStore(environment: environment)),
        queue: FaultyQueue(InMemoryQueue(environment: environment)))
    }
    for check in SeamCheck.all { try await check.run(on: driver, seed: 1) }
  }
}
