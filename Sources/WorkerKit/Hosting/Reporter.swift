import Logging
import Synchronization

/// Brings what attempts report to the store: merged, and no more than about once a second.
///
/// Reporting is a word under a lock: it blocks no worker, and what the store does with it fails none. What the store
/// calls stale has lost its lease.
final class Reporter: Sendable {
  fileprivate struct State {
    /// Attempts that may report.
    var open: Set<Authority> = []
    /// What they have reported and the store has not been told.
    var gathered: [Authority: JobProgress] = [:]
    /// True while the store is being told: one call at a time, so that reports arrive in order.
    var isTelling = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  /// Holds something from the first report after a flush on.
  private let wakes = Mailbox<Void>()
  private let stopped = Signal()
  private let services: HostServices
  private let lose: @Sendable ([Authority]) -> Void

  /// How long reports gather before the store is told: a short attempt is written once, when it is settled.
  private static let pause = Duration.seconds(1)

  init(services: HostServices, lose: @escaping @Sendable ([Authority]) -> Void) {
    self.services = services
    self.lose = lose
  }

  /// Takes reports of an attempt from now on.
  func open(_ authority: Authority) { _ = state.withLock { $0.open.insert(authority) } }

  /// Takes no more of attempts that are over: a worker that did not heed its cancellation may still be talking.
  func close(_ authorities: [Authority]) {
    state.withLock { state in
      for authority in authorities {
        state.open.remove(authority)
        state.gathered.removeValue(forKey: authority)
      }
    }
  }

  /// Merges what an attempt reports into what it has reported before.
  func note(_ progress: JobProgress, of authority: Authority) {
    let isFirst = state.withLock { state in
      guard state.open.contains(authority) else { return false }
      let wasQuiet = state.gathered.isEmpty
      state.gather(progress, of: authority)
      return wasQuiet
    }
    if isFirst { wakes.put(()) }
  }

  /// Tells the store what gathers, until stopped.
  func run() async {
    while await wakes.takeAll() != nil {
      await stopped.wait(after: 0, atMost: Self.pause, on: services.environment.time)
      await flush(nil)
      // What the store could not be told waits for the next time.
      if state.withLock({ !$0.gathered.isEmpty }) { wakes.put(()) }
    }
  }

  /// Lets `run` end.
  func stop() {
    wakes.close()
    stopped.raise()
  }

  /// Returns when the store was told everything that these attempts have reported until now.
  func flush(_ authorities: [Authority]) async { await flush(.some(authorities)) }

  private func flush(_ authorities: [Authority]?) async {
    guard state.withLock({ $0.isTelling || !$0.reports(of: authorities).isEmpty }) else { return }
    await beginTelling()
    let reports = state.withLock { $0.takeReports(of: authorities) }
    if !reports.isEmpty { await tell(reports) }
    endTelling()
  }

  private func tell(_ reports: [ProgressReport]) async {
    do throws(DriverError) {
      let answers = try await services.store.report(reports)
      let stale = zip(reports, answers).filter { $0.1 == .stale }.map(\.0.authority)
      if !stale.isEmpty { lose(stale) }
    } catch {
      services.log.log(
        .warning, "Progress could not be kept.", [.errorCode: error.code, .count: String(reports.count)])
      // What the store refuses it would refuse again.
      if error.isTransient { state.withLock { $0.giveBack(reports) } }
    }
  }

  private func beginTelling() async {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.isTelling { state.waiting.append(continuation) }
        defer { state.isTelling = true }
        return !state.isTelling
      }
      if isFree { continuation.resume() }
    }
  }

  /// Hands on to who waits longest, so that nobody is overtaken.
  private func endTelling() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      state.isTelling = !state.waiting.isEmpty
      return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
    }
    next?.resume()
  }
}

extension Reporter.State {
  fileprivate mutating func gather(_ progress: JobProgress, of authority: Authority) {
    gathered[authority] = gathered[authority]?.followed(by: progress) ?? progress
  }

  /// What is to be told of these attempts; of all where none are named.
  fileprivate func reports(of authorities: [Authority]?) -> [ProgressReport] {
    if gathered.isEmpty { return [] }
    guard let authorities else { return gathered.map { ProgressReport(authority: $0.key, progress: $0.value) } }
    return authorities.compactMap { authority in
      gathered[authority].map { ProgressReport(authority: authority, progress: $0) }
    }
  }

  fileprivate mutating func takeReports(of authorities: [Authority]?) -> [ProgressReport] {
    let reports = reports(of: authorities)
    for report in reports { gathered.removeValue(forKey: report.authority) }
    return reports
  }

  /// Puts reports back before those that have come since.
  fileprivate mutating func giveBack(_ reports: [ProgressReport]) {
    for report in reports where open.contains(report.authority) {
      gathered[report.authority] =
        gathered[report.authority].map { report.progress.followed(by: $0) } ?? report.progress
    }
  }
}
