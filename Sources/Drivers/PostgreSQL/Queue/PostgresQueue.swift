public import WorkerKit

/// Motion in a PostgreSQL database, beside the store: for a set-up without a server of its own for the queue.
///
/// Each verb is one transaction in one round trip, by the server's clock, and waits for no disk: the tables are
/// unlogged. When they have lost what was in them, every verb but `push`, which is refused, fails as unavailable
/// (`postgres_queue_not_open`) until a new epoch was opened. Locks are taken in this order: the opening (shared),
/// queues by place, turns and lanes, entries by job, keys of limits.
public final class PostgresQueue: JobQueue {
  let pool: PostgresPool
  let environment: Environment
  let clock: PostgresQueueClock
  private let serverTime = PostgresServerTime()
  private let leasing: PostgresLeasing
  let waker: PostgresWaker

  /// How long a push may go unseen by a host that waits, where the server cannot tell it at once.
  public static let wakingTime = Duration.seconds(1)

  /// A queue in the database of `pool`, whose tables are there. One more connection belongs to it, that of a thread
  /// which listens for pushes; it is made when somebody first waits.
  public convenience init(pool: PostgresPool, environment: Environment) {
    self.init(pool: pool, environment: environment, clock: .server)
  }

  /// The same, by a time of the test's own.
  package init(pool: PostgresPool, environment: Environment, clock: PostgresQueueClock) {
    self.pool = pool
    self.environment = environment
    self.clock = clock
    leasing = PostgresLeasing(clock: clock)
    waker = PostgresWaker(pool.configuration, random: environment.random)
  }

  /// Hangs up what listens. The pool is left to who made it.
  public func close() async { await waker.close() }

  public func push(_ handoff: Handoff) async throws(DriverError) -> [PushAnswer] {
    let refused = handoff.entries.map { _ in PushAnswer.refused }
    guard !refused.isEmpty else { return [] }
    // One that comes late may do so because the server's clock was stepped: it is looked at once more.
    for _ in 0..<2 {
      let left = handoff.notAfter - environment.time.now
      guard left >= .zero, let last = try await moment(in: left) else { return refused }
      let push = PostgresPush(handoff, last: last, clock: clock)
      let result = try await pool.exchange(push.calls) { rows throws(DriverError) in push.result(rows) }
      if let now = result.now { serverTime.note(now, environment.time) }
      if result.isLate { continue }
      guard let answers = result.answers else { return refused }
      for queue in push.queues { waker.raise(queue) }
      return answers
    }
    return refused
  }

  public func lease(_ request: LeaseRequest) async throws(DriverError) -> [Lease] {
    let end = environment.time.monotonic + request.wait
    let wake = request.wait > .zero ? waker.signal(for: request.queue) : Signal()
    var hasLookedAgain = false
    while true {
      let seen = wake.count
      let token = environment.id()
      let grant = try await pool.write { [leasing] transaction in
        try leasing.grant(request, token: token, transaction)
      }
      await sweep(request.queue)
      let pause = min(end - environment.time.monotonic, Self.wakingTime)
      if !grant.leases.isEmpty || pause <= .zero || Task.isCancelled { return grant.leases }
      let waiting = leasing.waiting(request.queue, pause)
      var next = try await pool.exchange(waiting) { rows throws(DriverError) in PostgresLeasing.next(rows) }
      // Nothing of a paused queue comes due.
      if grant.isPaused { next = nil }
      // What came between the two looks is there at once; what comes from now on is announced.
      if let due = next, due <= .zero, !hasLookedAgain {
        hasLookedAgain = true
        continue
      }
      hasLookedAgain = false
      await wake.wait(after: seen, atMost: min(pause, max(next ?? pause, .milliseconds(1))), on: environment.time)
    }
  }

  /// Forgets now and then what nobody needs any more. What is not forgotten now is forgotten the next time.
  private func sweep(_ queue: QueueName) async {
    guard let calls = leasing.sweep(queue, at: environment.time.monotonic) else { return }
    do throws(DriverError) { try await pool.exchange(calls) { _ throws(DriverError) in } } catch { return }
  }

  /// The moment on the queue's clock that is `length` from now, as far as a process can tell; nil where the queue is
  /// not open, so that nobody can say.
  private func moment(in length: Duration) async throws(DriverError) -> Int64? {
    if case .given(let now) = clock { return now().addingReportingOverflow(length.milliseconds).partialValue }
    if let moment = serverTime.moment(in: length, environment.time) { return moment }
    let now = try await pool.exchange([PostgresQueueGate.call(clock)]) { rows throws(DriverError) in
      rows[0].first?.integer(1)
    }
    guard let now else { return nil }
    serverTime.note(now, environment.time)
    return serverTime.moment(in: length, environment.time)
  }
}
