import Dispatcher
import Logging
import RedisDriver
import Synchronization
import TestRedis
import WorkerKit
import WorkerKitTesting

/// Loops that take events from a stream in a server, and a store that fails on demand.
final class StreamLoopBench: Sendable {
  let stream: StreamBench
  let store: FaultyStore
  let library = PipelineLibrary()
  let metrics = Metrics()
  let environment = Environment(time: FastTime(), random: SystemRandom())
  private let lines = Mutex<[String]>([])

  init() async throws {
    stream = try await StreamBench()
    store = FaultyStore(InMemoryStore(environment: environment))
  }

  /// Everything that was logged.
  var log: String { lines.withLock { $0.joined() } }

  /// Runs `body` while so many dispatchers are at work, each with a connection of its own.
  func working(
    _ count: Int = 1, bounds: RedisStreamBounds = RedisStreamBounds(), pressure: BackPressure? = nil,
    _ body: () async throws -> Void
  ) async throws {
    let consumers = try (0..<count).map { _ in try stream.consumer(bounds) }
    let result: Result<Void, any Error> = await withTaskGroup(of: Void.self) { group in
      for consumer in consumers { group.addTask { await self.loop(consumer, pressure).run() } }
      let result: Result<Void, any Error>
      do { result = .success(try await body()) } catch { result = .failure(error) }
      group.cancelAll()
      return result
    }
    for consumer in consumers { await consumer.close() }
    try result.get()
  }

  /// Returns when the stream is empty.
  func untilTaken() async throws {
    while try await stream.length() != "0" { try Task.checkCancellation() }
  }

  /// The ids of all recorded events, in the order in which they came.
  func recorded() async throws -> [String] {
    try await store.events(EventFilter(isOldestFirst: true, limit: 1000)).events.map(\.envelope.id.rawValue)
  }

  /// A CloudEvent in JSON.
  static func cloudEvent(_ id: String, type: String = "DocumentSaved", data: String = "{}") -> String {
    #"{"specversion": "1.0", "id": "\#(id)", "source": "editor", "type": "\#(type)", "tenantid": "acme", "#
      + #""data": \#(data)}"#
  }

  private func loop(_ consumer: RedisEventStream, _ pressure: BackPressure?) -> EventStreamLoop {
    var logger = Logger(label: "test") { label in
      JSONLogHandler(label: label, time: SystemTime()) { bytes in
        self.lines.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
      }
    }
    logger.logLevel = .trace
    return EventStreamLoop(
      stream: consumer, store: store, library: library, arrivals: Signal(), pulse: Pulse(time: environment.time),
      environment: environment, metrics: metrics, log: logger, pressure: pressure)
  }
}
