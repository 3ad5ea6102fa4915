/// One thread that calls back when times are over; for waits of many callers that share one length.
///
/// The thread is started by the first alarm, so that where nobody waits nothing runs.
public final class AlarmThread: Sendable {
  private struct Alarm {
    let moment: ContinuousClock.Instant
    let call: @Sendable () -> Void
  }

  private struct State {
    var alarms: [Alarm] = []
    var hasStarted = false
    var isClosed = false
  }

  private enum Work {
    case calls([Alarm])
    case wait(until: ContinuousClock.Instant)
    case end
  }

  private let name: String
  private let monitor = Monitor(State())

  /// An alarm clock without alarms; the name is its thread's.
  public init(name: String) { self.name = name }

  /// Calls `call` on the thread after a time, unless it is closed before.
  public func set(after length: Duration, _ call: @escaping @Sendable () -> Void) {
    let moment = ContinuousClock.now + length
    let starts = monitor.change { state in
      guard !state.isClosed else { return false }
      let place = state.alarms.lastIndex { $0.moment <= moment }.map { $0 + 1 } ?? 0
      state.alarms.insert(Alarm(moment: moment, call: call), at: place)
      defer { state.hasStarted = true }
      return !state.hasStarted
    }
    if starts { NamedThread.start(name) { [monitor] in Self.run(monitor) } }
  }

  /// Forgets the alarms and ends the thread.
  public func close() {
    monitor.change { state in
      state.isClosed = true
      state.alarms = []
    }
  }

  private static func run(_ monitor: Monitor<State>) {
    var next: ContinuousClock.Instant?
    while true {
      let limit = next.map { max(.zero, ContinuousClock.now.duration(to: $0)) }
      let work = monitor.wait(atMost: limit) { nextWork(of: &$0, waitingFor: next) }
      switch work {
      case .calls(let alarms):
        for alarm in alarms { alarm.call() }
        next = nil
      case .wait(let moment): next = moment
      case .end: return
      case nil: next = nil
      }
    }
  }

  /// What is to be done; nil to go on waiting.
  private static func nextWork(of state: inout State, waitingFor next: ContinuousClock.Instant?) -> Work? {
    if state.isClosed { return .end }
    let count = state.alarms.prefix { $0.moment <= ContinuousClock.now }.count
    if count > 0 {
      defer { state.alarms.removeFirst(count) }
      return .calls(Array(state.alarms.prefix(count)))
    }
    guard let first = state.alarms.first?.moment, first != next else { return nil }
    return .wait(until: first)
  }
}
