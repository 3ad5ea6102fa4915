public import Logging
import Synchronization
public import WorkerKit

/// Says when too much waits, so that events are routed later, and taken in later still.
///
/// A full queue holds back routing, and events that wait for it in too great a number hold back who sends more. What was
/// begun is never held back: leasing, settling and what follows from it go on, so that a full queue drains. What a
/// driver says that does not answer is nothing, and so nothing is full because of it.
public final class BackPressure: Sendable {
  private struct State: Sendable {
    var queues: [QueueName: WaterLevel] = [:]
    var events: WaterLevel
    var isOutOfRoom = false
    var looksAgainAt = Duration.zero
    var isLooking = false

    var room: Int { queues.values.map(\.room).min() ?? .max }
    var isRoutingHeld: Bool { isOutOfRoom || queues.values.contains(where: \.isFull) }
  }

  private let store: any JobStore
  private let queue: any JobQueue
  private let highWater: HighWater
  private let queues: @Sendable () -> Set<QueueName>
  private let environment: Environment
  private let notes: BackPressureNotes
  private let state: Mutex<State>

  /// How long what was counted holds, at least; where counting takes long, twenty times as long as that.
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
    await look { $0.queues.values.contains(where: \.isDoubtful) }
    let room = state.withLock { $0.room }
    return room > 0 ? min(most, max(room, highWater.jobs / 100)) : 0
  }

  /// How long to wait before events are taken that somebody sends; nil where they are not taken at all.
  public func delay() async -> Duration? {
    await look { $0.events.isDoubtful }
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

  /// Counts what waits, where that was done too long ago or cannot be told from what has come since. One counts at a
  /// time; meanwhile what is known holds.
  private func look(_ isNeeded: (State) -> Bool) async {
    let start = environment.time.monotonic
    let isMine = state.withLock { state in
      guard !state.isLooking, start >= state.looksAgainAt || isNeeded(state) else { return false }
      state.isLooking = true
      return true
    }
    guard isMine else { return }
    let names = queues()
    let (depths, events) = (await waitingJobs(), await waitingEvents())
    let end = environment.time.monotonic
    let (before, after) = state.withLock { state in
      let before = state
      state.queues = Dictionary(uniqueKeysWithValues: names.map { name in
        var level = before.queues[name] ?? WaterLevel(mark: highWater.jobs)
        level.note(depths[name] ?? 0)
        return (name, level)
      })
      state.events.note(events)
      state.looksAgainAt = end + min(max(Self.interval, (end - start) * 20), Self.longestInterval)
      state.isLooking = false
      return (before, state)
    }
    notes.tell(before.queues, after.queues)
    notes.tell(before.events, after.events)
    notes.measure(standing, of: names)
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
