public import Logging
import Synchronization
public import WorkerKit

/// Says when too much waits, so that events are routed later, and taken in later still.
///
/// A full queue holds back routing, and events that wait for it in too great a number hold back who sends more. What
/// was begun is never held back: leasing, settling and what follows from it go on, so that a full queue drains. A
/// driver that does not answer is not full.
public final class BackPressure: Sendable {
  private struct State: Sendable {
    var queues: [QueueName: WaterLevel] = [:]
    var events: WaterLevel
    var isOutOfRoom = false
    var queuesLook = Look()
    var eventsLook = Look()

    var room: Int { queues.values.map(\.room).min() ?? .max }
    var isRoutingHeld: Bool { isOutOfRoom || queues.values.contains(where: \.isFull) }
  }

  /// When something is counted: by one task at a time.
  private struct Look: Sendable {
    private var againAt = Duration.zero
    private var isUnderWay = false

    /// Begins, where that is due or needed, and nobody else is at it.
    mutating func begin(at now: Duration, isNeeded: Bool) -> Bool {
      guard !isUnderWay, now >= againAt || isNeeded else { return false }
      isUnderWay = true
      return true
    }

    mutating func end(at now: Duration, begunAt start: Duration) {
      isUnderWay = false
      againAt = now + min(max(BackPressure.interval, (now - start) * 50), BackPressure.longestInterval)
    }
  }

  private let store: any JobStore
  private let queue: any JobQueue
  private let highWater: HighWater
  private let queues: @Sendable () -> Set<QueueName>
  private let environment: Environment
  private let notes: BackPressureNotes
  private let state: Mutex<State>

  /// How long what was counted holds, at least; where counting takes long, fifty times as long as that.
  public static let interval = Duration.milliseconds(500)
  /// How long it holds at most.
  static let longestInterval = Duration.seconds(10)
  /// How long who sends events waits at most before they are taken.
  public static let longestDelay = Duration.milliseconds(500)

  /// Watches the queues that `queues` names at the time.
  public init(
    store: any JobStore, queue: any JobQueue, highWater: HighWater = .standard,
    queues: @escaping @Sendable () -> Set<QueueName>, environment: Environment, metrics: Metrics, log: Logger
  ) {
    self.store = store
    self.queue = queue
    self.highWater = highWater
    self.queues = queues
    self.environment = environment
    notes = BackPressureNotes(metrics: metrics, log: log, highWater: highWater)
    state = Mutex(State(events: WaterLevel(mark: highWater.events)))
  }

  /// How many events may be routed at once, `most` at most; none while a queue is full. Close below a mark they are
  /// fewer, so that it is overrun by a hundredth and what the events' own jobs come to.
  public func allowance(upTo most: Int) async -> Int {
    await lookAtQueues()
    await lookAtEvents()
    let room = state.withLock { $0.room }
    return room > 0 ? min(most, max(room, highWater.jobs / 100)) : 0
  }

  /// How long to wait before events are taken that somebody sends; nil where they are not taken at all.
  public func delay() async -> Duration? {
    // Of events alone, so that they come in as long as the store answers, whatever the queue does.
    await lookAtEvents()
    return state.withLock { $0.events.isFull ? nil : Self.longestDelay * $0.events.strain }
  }

  /// True where events may be taken in.
  public func takesEvents() async -> Bool { await delay() != nil }

  /// What is held back now, as it was last counted.
  public var standing: BackPressureStanding {
    state.withLock { state in
      BackPressureStanding(
        full: state.queues.filter(\.value.isFull).mapValues(\.count), isOutOfRoom: state.isOutOfRoom,
        events: state.events.count, isIntakeHeld: state.events.isFull, highWater: highWater)
    }
  }

  /// True while nothing is routed, as was last counted.
  public var isRoutingHeld: Bool { state.withLock { $0.isRoutingHeld } }

  /// Notes what was routed, and how many jobs it made, of which any may be in any queue.
  public func note(routed events: Int, jobs: Int) {
    state.withLock { state in
      state.events.add(-events)
      for name in state.queues.keys { state.queues[name]?.add(jobs) }
    }
  }

  /// Notes that events were recorded.
  public func note(recorded events: Int) { state.withLock { $0.events.add(events) } }

  /// Notes whether the queue's server takes what is pushed, or has no room for it.
  public func note(isOutOfRoom: Bool) {
    let hasChanged = state.withLock { state in
      defer { state.isOutOfRoom = isOutOfRoom }
      return state.isOutOfRoom != isOutOfRoom
    }
    guard hasChanged else { return }
    notes.tell(isOutOfRoom: isOutOfRoom)
    notes.measure(standing, of: [])
  }

  /// Counts the jobs that wait, where that was done too long ago or cannot be told from what has come since; while
  /// another task does so, what is known holds.
  private func lookAtQueues() async {
    let start = environment.time.monotonic
    let isMine = state.withLock { state in
      state.queuesLook.begin(at: start, isNeeded: state.queues.values.contains(where: \.isDoubtful))
    }
    guard isMine else { return }
    let (names, depths) = (queues(), await waitingJobs())
    let end = environment.time.monotonic
    let (before, after) = state.withLock { state in
      let before = state.queues
      state.queues = Dictionary(
        uniqueKeysWithValues: names.map { name in
          var level = before[name] ?? WaterLevel(mark: highWater.jobs)
          level.note(depths[name] ?? 0)
          return (name, level)
        })
      state.queuesLook.end(at: end, begunAt: start)
      return (before, state.queues)
    }
    notes.tell(before, after)
    notes.measure(standing, of: names)
  }

  /// The same with the events that wait.
  private func lookAtEvents() async {
    let start = environment.time.monotonic
    let isMine = state.withLock { state in
      state.eventsLook.begin(at: start, isNeeded: state.events.isDoubtful)
    }
    guard isMine else { return }
    let count = await waitingEvents()
    let end = environment.time.monotonic
    let (before, after) = state.withLock { state in
      let before = state.events
      state.events.note(count)
      state.eventsLook.end(at: end, begunAt: start)
      return (before, state.events)
    }
    notes.tell(before, after)
    notes.measure(standing, of: [])
  }

  private func waitingJobs() async -> [QueueName: Int] {
    do throws(DriverError) {
      return Dictionary(try await queue.depths().map { ($0.queue, $0.waiting) }) { $0 + $1 }
    } catch {
      return [:]
    }
  }

  private func waitingEvents() async -> Int {
    do throws(DriverError) { return try await store.unroutedCount() } catch { return 0 }
  }
}
