public import WorkerKit

/// Motion in a Redis server, 7.0 or newer: for dispatchers and hosts in many processes.
///
/// Each verb is one function inside the server for each queue of its batch, atomic, by the server's clock. Nothing here
/// is the only copy of anything: when the server is emptied, restored or replaced, every verb but `push`, which is
/// refused, fails as unavailable (`redis_not_open`) until a new epoch was opened.
public final class RedisQueue: JobQueue {
  private let settings: RedisSettings
  private let environment: Environment
  private let clock: RedisClock
  private let connection: RedisConnection
  private let waker: RedisWaker
  let caller: RedisCaller

  /// How long a push may go unseen by a host that waits, where the server cannot tell it at once.
  public static let wakingTime = Duration.seconds(1)

  /// Prepares a queue; the first verb connects. Two threads belong to it: one for commands, one that listens for
  /// pushes.
  public convenience init(_ settings: RedisSettings, environment: Environment) {
    self.init(settings, environment: environment, clock: .server)
  }

  /// The same, by a time of the test's own.
  package init(_ settings: RedisSettings, environment: Environment, clock: RedisClock) {
    self.settings = settings
    self.environment = environment
    self.clock = clock
    connection = RedisConnection(settings: settings, environment: environment)
    waker = RedisWaker(settings: settings, environment: environment)
    caller = RedisCaller(connection: connection, keys: RedisKeys(prefix: settings.prefix), clock: clock)
  }

  /// Answers what was asked for, and hangs up.
  public func close() async {
    await waker.close()
    await connection.close()
  }

  /// Connects, where that has not been done, and says what is wrong with the server or with who asks: the start of a
  /// program, and readiness.
  public func check() async throws(DriverError) {
    _ = try await caller.registry(refreshing: true)
  }

  public func push(_ handoff: Handoff) async throws(DriverError) -> [PushAnswer] {
    let (clock, time) = (clock, environment.time)
    let left = handoff.notAfter - time.now
    guard left >= .zero else { return handoff.entries.map { _ in .refused } }
    return try await handoff.entries.answered(by: \.queue) { entries, queue async throws(DriverError) in
      let batch = RedisBatch(entries)
      // One that comes late may do so because the server's clock was stepped: it is looked at once more.
      for refreshing in [false, true] {
        let answer = try await self.pushed(on: queue, refreshing: refreshing) { session in
          let last = clock.moment(in: handoff.notAfter - time.now, session, time)
          return [String(handoff.epoch.rawValue), String(last)] + batch.arguments
        }
        switch answer.first?.text {
        case "OK":
          var answers = [PushAnswer](repeating: .pushed, count: entries.count)
          for place in answer.dropFirst(2) { answers[batch.order[Int(place.integer) - 1]] = .known }
          return answers
        case "LATE": continue
        default: return entries.map { _ in .refused }
        }
      }
      return entries.map { _ in .refused }
    }
  }

  /// What a queue answers to a push; nothing where it has lost its entries.
  private func pushed(
    on queue: QueueName, refreshing: Bool, _ arguments: @escaping @Sendable (RedisSession) -> [String]
  ) async throws(DriverError) -> [RedisReply] {
    do throws(DriverError) {
      return try await caller.call(.push, on: queue, refreshing: refreshing, arguments)
    } catch {
      guard error == RedisFault.notOpen else { throw error }
      return []
    }
  }

  public func lease(_ request: LeaseRequest) async throws(DriverError) -> [Lease] {
    let end = environment.time.monotonic + request.wait
    let wake = request.wait > .zero ? waker.signal(for: caller.keys.channel(of: request.queue)) : Signal()
    while true {
      let seen = wake.count
      let pause = max(.zero, min(end - environment.time.monotonic, Self.wakingTime))
      let (leases, nextDue) = try await grant(request, pause: pause)
      if !leases.isEmpty || end <= environment.time.monotonic || Task.isCancelled { return leases }
      await wake.wait(after: seen, atMost: min(pause, nextDue ?? pause), on: environment.time)
    }
  }

  /// Asks once; gives what was granted, or how long until an entry is due. A push is announced for as long as the asker
  /// pauses and a little more, while the question is under way.
  private func grant(
    _ request: LeaseRequest, pause: Duration
  ) async throws(DriverError) -> (leases: [Lease], nextDue: Duration?) {
    let token = environment.id()
    let announced = pause > .zero ? (pause + settings.commandTimeout).milliseconds : 0
    let arguments = [
      String(request.limit), String(request.length.milliseconds), token, request.queue.rawValue, String(announced),
    ]
    let answer = try await caller.call(.lease, on: request.queue) { _ in arguments }
    let epoch = Epoch(rawValue: answer[1].integer)
    var others: [Int: (fence: Fence, length: Duration)] = [:]
    let listed = answer[4].list.map(\.integer)
    for start in stride(from: 0, to: listed.count - 2, by: 3) {
      others[Int(listed[start])] = (Fence(rawValue: listed[start + 1]), .milliseconds(listed[start + 2]))
    }
    let leases = answer[3].list.enumerated().map { index, job in
      let other = others.isEmpty ? nil : others[index + 1]
      return Lease(
        authority: Authority(
          job: JobID(job.text), epoch: epoch, fence: other?.fence ?? .first,
          holder: Holder("\(token).\(index + 1)@\(request.queue.rawValue)")),
        queue: request.queue, length: other?.length ?? .milliseconds(request.length.milliseconds))
    }
    // A due time that has come meanwhile is not waited for, but neither does it make the loop spin.
    let nextDue = answer[2].integer < 0 ? nil : Duration.milliseconds(max(1, answer[2].integer))
    return (leases, nextDue)
  }
}

extension Collection where Self: Sendable, Element: Sendable {
  /// Asks for each queue's items apart, and puts the answers into the order of the items.
  func answered<Answer: Sendable>(
    by queue: (Element) -> QueueName,
    _ ask: ([Element], QueueName) async throws(DriverError) -> [Answer]
  ) async throws(DriverError) -> [Answer] {
    let items = Array(self)
    let places = Dictionary(grouping: items.indices) { queue(items[$0]) }
    if places.count == 1, let name = places.keys.first { return try await ask(items, name) }
    var answers: [Int: Answer] = [:]
    for (name, indices) in places.sorted(by: { $0.key < $1.key }) {
      for (index, answer) in zip(indices, try await ask(indices.map { items[$0] }, name)) { answers[index] = answer }
    }
    return items.indices.compactMap { answers[$0] }
  }
}
