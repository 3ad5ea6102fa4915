import Foundation
import RedisDriver
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

/// A queue in a server, and what its tests do to it. Hosts' clocks are the test's, the server's is its own.
struct RedisBench: Sendable {
  let server: RedisServer
  let prefix: String
  let time: ManualTime
  let queue: RedisQueue

  static let length = Duration.seconds(60)
  /// How long a server may take that is slow and well.
  static let patience = Duration.seconds(60)

  /// Runs a body with a queue in a server that the test has for itself.
  static func alone(
    _ settings: [String] = [], _ body: (RedisBench) async throws -> Void
  ) async throws {
    try await with(RedisServer.start(settings), body)
  }

  /// Runs a body with a queue in the server that all tests share.
  static func shared(_ body: (RedisBench) async throws -> Void) async throws {
    try await with(RedisServer.shared(), body)
  }

  /// Runs a body with a queue of its own, opened in the first epoch.
  static func with(_ server: RedisServer, _ body: (RedisBench) async throws -> Void) async throws {
    let bench = RedisBench(server)
    let result: Result<Void, any Error>
    do {
      try await bench.queue.open(.first)
      result = .success(try await body(bench))
    } catch {
      result = .failure(error)
    }
    await bench.queue.close()
    try result.get()
  }

  init(_ server: RedisServer, prefix: String = UUID().uuidString, time: ManualTime = ManualTime()) {
    self.server = server
    self.prefix = prefix
    self.time = time
    queue = Self.queue(server, RedisAddress(.socket(path: server.socket)), prefix: prefix, time: time)
  }

  /// Another process's queue: the same entries, over a connection of its own.
  func other(
    _ address: RedisAddress? = nil, time: ManualTime = ManualTime(), commandTimeout: Duration = RedisBench.patience
  ) -> RedisQueue {
    Self.queue(
      server, address ?? RedisAddress(.socket(path: server.socket)), prefix: prefix, time: time,
      commandTimeout: commandTimeout)
  }

  private static func queue(
    _ server: RedisServer, _ address: RedisAddress, prefix: String, time: ManualTime,
    commandTimeout: Duration = RedisBench.patience
  ) -> RedisQueue {
    let random = SystemRandom()
    return RedisQueue(
      RedisSettings(address, prefix: prefix, connectTimeout: patience, commandTimeout: commandTimeout),
      environment: Environment(time: time, random: random))
  }

  /// Pushes entries in the first epoch.
  @discardableResult
  func push(
    _ entries: [QueueEntry], epoch: Epoch = .first, to queue: RedisQueue? = nil
  ) async throws -> [PushAnswer] {
    try await (queue ?? self.queue).push(Self.handoff(entries, epoch: epoch, at: time.now))
  }

  /// Pushes one job that waits for nothing.
  @discardableResult
  func push(_ job: JobID, fence: Fence = .first, epoch: Epoch = .first) async throws -> [PushAnswer] {
    try await push([QueueEntry(job: job, fence: fence, queue: .standard)], epoch: epoch)
  }

  /// A handoff that may be pushed for half a minute from `now`.
  static func handoff(_ entries: [QueueEntry], epoch: Epoch = .first, at now: Timestamp) -> Handoff {
    Handoff(id: 1, epoch: epoch, notAfter: now + .seconds(30), entries: entries)
  }

  func request(_ limit: Int = 9, of queue: QueueName = .standard, wait: Duration = .zero) -> LeaseRequest {
    LeaseRequest(queue: queue, limit: limit, length: Self.length, host: "host", wait: wait)
  }

  /// Leases what is due.
  func lease(_ limit: Int = 9, of queue: QueueName = .standard) async throws -> [Lease] {
    try await self.queue.lease(request(limit, of: queue))
  }

  /// Leases the one job that there is.
  func leaseOne() async throws -> Lease { try #require(try await lease().first) }

  /// Expects that a verb fails, and how; no message may tell more than it should.
  func expectFailure(
    _ code: String, _ kind: DriverError.Kind, location: SourceLocation = #_sourceLocation,
    _ verb: () async throws -> Void
  ) async {
    let error = await #expect(throws: DriverError.self, sourceLocation: location) { try await verb() }
    #expect(error?.code == code, sourceLocation: location)
    #expect(error?.kind == kind, sourceLocation: location)
    #expect(error?.description.contains("sesame") == false, sourceLocation: location)
  }
}
