import Dispatcher
import Logging
import RedisDriver
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Events from a stream", .timeLimit(.minutes(5)))
struct EventStreamLoopTests {
  private static let away = DriverError(.unavailable, "store_away", "The store is away.")
  private static let refusal = DriverError(.refused, "store_refuses", "The store cannot hold it.")

  @Test("CloudEvents and envelopes are recorded, once each, by any number of dispatchers")
  func records() async throws {
    let bench = try await StreamLoopBench()
    try await bench.stream.add("event", StreamLoopBench.cloudEvent("cloud"))
    try await bench.stream.add("event", #"{"id": "ours", "type": "DocumentSaved", "tenant_id": "acme", "payload": {}}"#)
    try await bench.stream.add("event", StreamLoopBench.cloudEvent("cloud"))
    let json = StreamLoopBench.cloudEvent("NUMBER").replacing("NUMBER", with: "' .. n % 400 .. '")
    try await bench.working(3) {
      try await bench.stream.add(700, "'event', '\(json)'")
      try await bench.untilTaken()
    }
    #expect(try await Set(bench.recorded()) == Set(["cloud", "ours"] + (0..<400).map { "\($0)" }))
    #expect(try await bench.recorded().count == 402)
    #expect(bench.metrics.value(of: MetricName.events, "accepted") == 402)
    #expect(bench.metrics.value(of: MetricName.events, "duplicate") == 301)
    let cloud = try await bench.store.events(id: "cloud", tenant: "acme").first?.envelope
    #expect(cloud?.source == "editor")
    #expect(try await bench.stream.consumers() == 0)
    #expect(try await bench.stream.pending() == "0")
  }

  @Test(
    "What is no event goes to the dead letters with its reason, is counted and logged, and tells nobody its content")
  func refuses() async throws {
    let bench = try await StreamLoopBench()
    let schema = #"{ "type": "object", "required": ["title"] }"#
    bench.library.use(EventSchemas.read(files: [("DocumentSaved.schema.json", schema)]).0)
    let secret = "hidden-payload"
    for words in [
      ["event", "{\"\(secret)\""], ["evnt", secret], ["event", "{}", "more", secret], ["event", "[\"\(secret)\"]"],
      ["event", #"{"specversion": "1.0", "id": "\#(secret)"}"#],
      ["event", StreamLoopBench.cloudEvent("a", data: #"{"text": "\#(secret)"}"#)],
    ] {
      try await bench.stream.server.command(["XADD", bench.stream.keys.stream, "*"] + words)
    }
    try await bench.stream.add(1, #"'event', '"\255"'"#)
    try await bench.stream.add(1, "'event', string.rep('x', 3000000)")
    try await bench.stream.add("event", StreamLoopBench.cloudEvent("good", type: "Other"))
    try await bench.working { try await bench.untilTaken() }
    #expect(try await bench.recorded() == ["good"])
    let page = try await bench.stream.withDeadLetters { try await $0.page(limit: 99) }
    #expect(
      page.letters.map(\.refusal.code) == [
        "not_json", "wrong_fields", "wrong_fields", "not_an_event", "not_an_event", "breaks_schema", "not_json",
        "too_large",
      ])
    #expect(page.letters[4].refusal.reason.contains("tenantid: Say in the extension attribute tenantid"))
    #expect(page.letters[5].refusal.reason.contains("The member 'title' is required."))
    #expect(page.letters.allSatisfy { !$0.refusal.reason.contains(secret) })
    #expect(page.letters[7].size > 3_000_000)
    #expect(bench.metrics.value(of: MetricName.events, "refused") == 8)
    #expect(bench.log.contains("Events of the stream may not come in; millrace intake dead tells which, and why."))
    #expect(!bench.log.contains(secret))

    bench.library.use(EventSchemas())
    try await bench.stream.withDeadLetters { letters in
      let answers = try await letters.replay([page.letters[0].id, page.letters[5].id])
      #expect(answers == [.replayed, .replayed])
    }
    try await bench.working { try await bench.untilTaken() }
    #expect(try await bench.recorded() == ["good", "a"])
    #expect(bench.metrics.value(of: MetricName.streamDeadLetters) >= 6)
    let left = try await bench.stream.withDeadLetters { try await $0.page(limit: 99).letters }
    #expect(left.count == 7)
    #expect(left.last?.refusal.code == "not_json")
  }

  @Test("While too many events wait to be routed nothing is taken; then it goes on by itself")
  func holdsBack() async throws {
    let bench = try await StreamLoopBench()
    let pressure = BackPressure(
      store: bench.store, queue: InMemoryQueue(environment: bench.environment),
      highWater: HighWater(jobs: 10, events: 1), queues: { [] }, environment: bench.environment,
      metrics: bench.metrics, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let first = EventEnvelope(
      id: "first", type: "Test", occurredAt: Timestamp(milliseconds: 0), tenant: "a", payload: [:])
    _ = try await bench.store.record([first])
    try await bench.stream.add("event", StreamLoopBench.cloudEvent("one"))
    try await bench.working(pressure: pressure) {
      let calls = bench.store.faults.calls(of: .read)
      try await bench.store.faults.waitForCalls(of: .read, count: calls + 3)
      #expect(try await bench.stream.length() == "1")
      #expect(try await bench.recorded() == ["first"])
      _ = try await bench.store.route(limit: 9) { _ in [] }
      try await bench.untilTaken()
    }
    #expect(try await bench.recorded() == ["first", "one"])
  }

  @Test("While the store is away nothing more is taken; when it is back everything is recorded")
  func waitsForStore() async throws {
    let bench = try await StreamLoopBench()
    bench.store.faults.hold(.record)
    bench.store.faults.failNext(.record, with: Self.away, times: 2)
    try await bench.stream.add("event", StreamLoopBench.cloudEvent("one"))
    try await bench.working {
      try await bench.store.faults.waitForCalls(of: .record)
      try await bench.stream.add("event", StreamLoopBench.cloudEvent("two"))
      #expect(try await bench.stream.pending() == "1")
      bench.store.faults.release(.record)
      try await bench.untilTaken()
    }
    #expect(try await bench.recorded() == ["one", "two"])
    #expect(bench.log.contains("store_away"))
    #expect(try await bench.stream.withDeadLetters { try await $0.page(limit: 9).letters }.isEmpty)
  }

  @Test("A batch that was recorded and not answered is recorded again, and nothing is there twice")
  func knowsDuplicates() async throws {
    let bench = try await StreamLoopBench()
    bench.store.faults.loseAnswer(of: .record)
    for id in ["one", "two"] { try await bench.stream.add("event", StreamLoopBench.cloudEvent(id)) }
    try await bench.working { try await bench.untilTaken() }
    #expect(try await bench.recorded() == ["one", "two"])
    #expect(bench.metrics.value(of: MetricName.events, "duplicate") == 2)
  }

  @Test("A dispatcher that died after recording leaves duplicates, which another settles")
  func claimsFromTheDead() async throws {
    let bench = try await StreamLoopBench()
    for id in ["one", "two"] { try await bench.stream.add("event", StreamLoopBench.cloudEvent(id)) }
    let dead = try bench.stream.consumer()
    #expect(try await dead.take(limit: 2).entries.count == 2)
    try await bench.working(bounds: StreamBench.hasty) { try await bench.untilTaken() }
    #expect(try await bench.recorded() == ["one", "two"])
    await dead.close()
  }

  @Test("An event that the store cannot hold does not hold up the others of its batch")
  func halves() async throws {
    let bench = try await StreamLoopBench()
    // The batch of four, its first half, and the first event alone.
    bench.store.faults.failNext(.record, with: Self.refusal, times: 3)
    for id in ["one", "two", "three", "four"] {
      try await bench.stream.add("event", StreamLoopBench.cloudEvent(id))
    }
    try await bench.working { try await bench.untilTaken() }
    #expect(try await bench.recorded() == ["two", "three", "four"])
    let letters = try await bench.stream.withDeadLetters { try await $0.page(limit: 9).letters }
    #expect(letters.map(\.refusal.code) == ["not_storable"])
  }

  @Test("Where dead letters have no more room, a line says so, and good events go on")
  func saysThatItIsFull() async throws {
    let bench = try await StreamLoopBench()
    for _ in 0..<3 { try await bench.stream.add("event", "{") }
    try await bench.stream.add("event", StreamLoopBench.cloudEvent("good"))
    try await bench.working(bounds: RedisStreamBounds(deadLetters: 1)) {
      while try await bench.stream.length() != "2" { try Task.checkCancellation() }
    }
    #expect(try await bench.recorded() == ["good"])
    #expect(bench.log.contains("What may not come in stays in the stream, which has no room for more dead letters"))
    #expect(bench.metrics.value(of: MetricName.events, "refused") == 1)
  }
}
