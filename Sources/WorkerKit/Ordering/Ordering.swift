/// The rules of turns, windows and executions, over a store's rows: rule R2 of the seam, what must be exact is a fact
/// of the store. A store tells it of every job with an ordering that was made, ended, sent back, replayed or cancelled,
/// inside the transaction that does so, and then does what has gathered here.
public struct Ordering<Rows: OrderingRows> {
  /// The store's rows.
  public var rows: Rows
  /// Jobs that may be leased now, or at a time that their standing says: to be pushed.
  public private(set) var released: [JobID] = []
  /// Jobs that ended without a host's doing, each once: their entries leave the queue, and the verb's answer tells
  /// them.
  public private(set) var withdrawn: [JobID] = []
  /// Runs in which a job has ended here: to be planned again.
  public private(set) var endedRuns: Set<RunID> = []

  /// Begins with nothing gathered.
  public init(_ rows: Rows) { self.rows = rows }

  /// Gives what has gathered, and begins anew.
  public mutating func takeEndedRuns() -> Set<RunID> {
    defer { endedRuns = [] }
    return endedRuns
  }

  /// A job was created.
  public mutating func created(_ id: JobID) throws(DriverError) {
    guard let job = try rows.orderedJob(id) else { return }
    // Its run gave its turn up if the stage was idle for a while: a need has been mended by a replay.
    if let line = job.line, try rows.head(of: line) != job.run { try rows.enter(line, run: job.run) }
    if let wish = job.ordering.window, try !enterWindow(job, quiet: wish.quiet, maxWait: wish.maxWait) { return }
    if try shares(job) { return }
    try settleReadiness(id, isNew: true)
  }

  /// A job ended by a host's settlement, a person's cancellation, or here.
  public mutating func ended(_ id: JobID) throws(DriverError) {
    guard let job = try rows.orderedJob(id) else { return }
    try passOn(job)
    if let line = job.line, job.ordering.serial?.onDead != .block || !job.standing.state.isDead {
      try leave(line, run: job.run)
    }
    guard let key = job.window, var window = try rows.window(key) else { return }
    window.end(id, succeeded: job.standing.state == .succeeded)
    try rows.keep(window, of: key)
    if let waiting = window.waiting { try settleReadiness(waiting.job) }
  }

  /// A job goes back to its queue after a failed attempt.
  public mutating func retried(_ id: JobID) throws(DriverError) {
    guard let job = try rows.orderedJob(id), let key = job.window, var window = try rows.window(key),
      // Its work goes on outside.
      !job.standing.awaitsCallback
    else { return }
    let isSuperseded = window.retry(id, until: job.standing.dueAt)
    try rows.keep(window, of: key)
    if isSuperseded { try supersede(job) }
  }

  /// True where a dead letter's work is out of date, so that a replay would undo what is newer.
  public func isOutdated(_ job: OrderedJob) throws(DriverError) -> Bool {
    guard let key = job.window, let window = try rows.window(key) else { return false }
    return window.outdates(job.member)
  }

  /// A dead letter lives again: it takes a turn at the end of its line if it has lost its own, and a window.
  public mutating func replayed(_ id: JobID) throws(DriverError) {
    guard let job = try rows.orderedJob(id) else { return }
    if let line = job.line { try rows.enter(line, run: job.run) }
    if try !enterWindow(job, quiet: .zero, maxWait: .zero) { return }
    if try shares(job) { return }
    try settleReadiness(id, isNew: true)
  }

  /// A run needs its turn in a line no more: its stage was skipped or cancelled.
  public mutating func freed(_ line: OrderingKey, run: RunID) throws(DriverError) { try leave(line, run: run) }

  /// Jobs ended or went back to their queue, as they stand now, and runs need turns no more.
  public mutating func tell(
    of changed: [JobID], freed turns: [(line: OrderingKey, run: RunID)]
  ) throws(DriverError) {
    for job in changed {
      guard let standing = try rows.orderedJob(job)?.standing else { continue }
      if standing.state.isLive { try retried(job) } else { try ended(job) }
    }
    for turn in turns { try freed(turn.line, run: turn.run) }
  }
}

extension Ordering {
  /// Words for what a job waits for, or why it was cancelled.
  private enum Word {
    static var turn: String { "turn" }
    static var window: String { "window" }
    static var execution: String { "execution" }
  }

  /// Lets a job arrive in its window, if it has one, and ends whichever is the older.
  /// - Returns: False where the job itself was superseded.
  private mutating func enterWindow(
    _ job: OrderedJob, quiet: Duration, maxWait: Duration
  ) throws(DriverError) -> Bool {
    guard let key = job.window else { return true }
    var window = try rows.window(key) ?? CoalesceWindow()
    try close(&window)
    let arrival = window.arrive(job.member, quiet: quiet, maxWait: maxWait, at: rows.now)
    try rows.keep(window, of: key)
    switch arrival {
    case .superseded:
      try supersede(job)
      return false
    case .waits(let older):
      if let older { try supersede(older) }
      return true
    }
  }

  /// Ends the window when its time has come, unless its job waits for something else.
  private func close(_ window: inout CoalesceWindow) throws(DriverError) {
    guard let waiting = window.waiting, let job = try rows.orderedJob(waiting.job) else { return }
    if job.standing.state != .pending || job.standing.awaitsCallback { window.close(at: rows.now) }
  }

  private mutating func supersede(_ id: JobID) throws(DriverError) {
    guard let job = try rows.orderedJob(id) else { return }
    try supersede(job)
  }

  private mutating func supersede(_ job: OrderedJob) throws(DriverError) {
    try end(job.id, job.standing.cancelled(because: JobStanding.supersededWord, at: rows.now), run: job.run)
  }

  private mutating func end(
    _ job: JobID, _ standing: JobStanding, run: RunID, result: JobID? = nil
  ) throws(DriverError) {
    try rows.keep(standing, of: job, result: result)
    withdrawn.append(job)
    endedRuns.insert(run)
    try ended(job)
  }

  /// Sees whether somebody else does, or has done, the same work.
  /// - Returns: True where the job has ended with the other's result.
  private mutating func shares(_ job: OrderedJob) throws(DriverError) -> Bool {
    guard let execution = job.execution else { return false }
    guard let leader = try rows.leader(of: execution).flatMap({ id throws(DriverError) in try rows.orderedJob(id) }),
      leader.id != job.id
    else {
      try rows.lead(execution, by: job.id)
      return false
    }
    switch leader.standing.state {
    case .pending, .queued, .running: return false
    case .succeeded:
      try end(job.id, job.standing.shared(.succeeded, at: rows.now), run: job.run, result: leader.id)
      return true
    case .failed, .timedOut, .cancelled:
      try rows.lead(execution, by: job.id)
      return false
    }
  }

  /// Lets those that waited for a leader's result have it, or the oldest of them take the lead.
  private mutating func passOn(_ job: OrderedJob) throws(DriverError) {
    guard let execution = job.execution, try rows.leader(of: execution) == job.id else { return }
    let followers = try rows.followers(of: execution)
    switch (job.standing.state, job.failure?.kind) {
    case (.succeeded, _), (.failed, .permanent?), (.failed, .poison?):
      for follower in followers {
        guard let other = try rows.orderedJob(follower) else { continue }
        try end(
          follower, other.standing.shared(job.standing.state, at: rows.now), run: other.run, result: job.id)
      }
    default:
      try rows.lead(execution, by: followers.first)
      if let next = followers.first { try settleReadiness(next) }
    }
  }

  private mutating func leave(_ line: OrderingKey, run: RunID) throws(DriverError) {
    try rows.leave(line, run: run)
    guard let head = try rows.head(of: line), let job = try rows.orderedJob(of: head, stage: line.stage) else { return }
    try settleReadiness(job.id)
  }

  /// Releases a job that waits for nothing any more. One that is `isNew`, in no queue yet, may have to wait instead;
  /// one that is queued already may be at work, and stays as it is.
  private mutating func settleReadiness(_ id: JobID, isNew: Bool = false) throws(DriverError) {
    guard let job = try rows.orderedJob(id), !job.standing.awaitsCallback, isNew || job.standing.state == .pending
    else { return }
    if let wait = try whatHolds(job) {
      guard job.standing.waitingFor != wait else { return }
      return try rows.keep(job.standing.waiting(for: wait), of: id, result: nil)
    }
    var dueAt = job.standing.dueAt
    if let key = job.window, let window = try rows.window(key), window.waiting?.job == id { dueAt = window.dueAt }
    dueAt = max(dueAt, rows.now)
    var next = job.standing
    if isNew { next.dueAt = dueAt } else { next = next.ready(dueAt: dueAt) }
    try rows.keep(next, of: id, result: nil)
    released.append(id)
  }

  private func whatHolds(_ job: OrderedJob) throws(DriverError) -> String? {
    if let execution = job.execution, try rows.leader(of: execution) != job.id { return Word.execution }
    if let line = job.line, let head = try rows.head(of: line), head != job.run { return Word.turn }
    if let key = job.window, let running = try rows.window(key)?.running, running.job != job.id { return Word.window }
    return nil
  }
}
