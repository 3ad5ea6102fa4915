import Foundation
import RedisDriver
import TestRedis
import Testing
import WorkerKit
import WorkerKitTesting

/// An event stream in a server, as senders and an operator see it, and consumers of it.
struct StreamBench: Sendable {
  let server: RedisServer
  let keys: RedisStreamKeys

  /// Claims whatever another has taken and not settled.
  static let hasty = RedisStreamBounds(claimAfter: .zero)

  /// A stream of its own, in the server that all tests share or in another.
  init(_ server: RedisServer? = nil) async throws {
    self.server = if let server { server } else { try await RedisServer.shared() }
    keys = try RedisStreamKeys(stream: UUID().uuidString)
  }

  /// Runs a body with a consumer.
  func with(
    _ bounds: RedisStreamBounds = RedisStreamBounds(), user: String = "",
    _ body: (RedisEventStream) async throws -> Void
  ) async throws {
    let stream = try consumer(bounds, user: user)
    let result: Result<Void, any Error>
    do { result = .success(try await body(stream)) } catch { result = .failure(error) }
    await stream.close()
    try result.get()
  }

  /// Another process's consumer.
  func consumer(_ bounds: RedisStreamBounds = RedisStreamBounds(), user: String = "") throws -> RedisEventStream {
    let address = try RedisAddress(url: "redis://\(user)127.0.0.1:\(server.port)")
    return RedisEventStream(
      RedisSettings(address), keys: keys, bounds: bounds,
      environment: Environment(time: ManualTime(), random: SystemRandom()))
  }

  /// Runs a body with what a person asks of the dead letters.
  func withDeadLetters<Value>(_ body: (RedisDeadLetters) async throws -> Value) async throws -> Value {
    let letters = RedisDeadLetters(
      RedisSettings(RedisAddress(.socket(path: server.socket))), keys: keys, environment: .system)
    let result: Result<Value, any Error>
    do { result = .success(try await body(letters)) } catch { result = .failure(error) }
    await letters.close()
    return try result.get()
  }

  /// Adds an entry with these names and values; gives its id.
  @discardableResult
  func add(_ words: String...) async throws -> String { try await server.command(["XADD", keys.stream, "*"] + words) }

  /// Adds `count` entries in one go, whose fields are those that a list in Lua names; `n` is the number, from 1.
  func add(_ count: Int, _ fields: String) async throws {
    let script = "for n = 1, tonumber(ARGV[1]) do redis.call('XADD', KEYS[1], '*', \(fields)) end"
    try await server.command("EVAL", script, "1", keys.stream, "\(count)")
  }

  /// How many entries the stream holds.
  func length() async throws -> String { try await server.command("XLEN", keys.stream) }

  /// How many of them were taken and not settled.
  func pending() async throws -> String {
    let summary = try await server.command("XPENDING", keys.stream, RedisEventStream.group)
    return String(summary.prefix { $0 != "\n" })
  }

  /// How many consumers the group has.
  func consumers() async throws -> Int {
    let text = try await server.command("XINFO", "CONSUMERS", keys.stream, RedisEventStream.group)
    return text.split(separator: "\n").count { $0 == "name" }
  }

  /// Everything of the dead letters, as redis-cli shows it.
  func dead() async throws -> String { try await server.command("XRANGE", keys.dead, "-", "+") }
}

extension StreamBatch {
  var ids: [String] { entries.map(\.id) }
  var recorded: [StreamVerdict] { ids.map { .recorded(id: $0) } }

  func refused(_ code: String = "not_json") -> [StreamVerdict] {
    ids.map { .refused(id: $0, StreamRefusal(code, "It is bad.")) }
  }
}
