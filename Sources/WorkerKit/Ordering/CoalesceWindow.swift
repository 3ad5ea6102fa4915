/// What is known of one key of a coalescing stage: which job waits, which may be at work, and what was done. Pure: a
/// store keeps it in one row and does what comes out.
public struct CoalesceWindow: Sendable, Hashable {
  /// A job in the window and what tells its age.
  public struct Member: Sendable, Hashable {
    public let job: JobID
    public let value: JSON?

    /// Names a member.
    public init(job: JobID, value: JSON?) {
      self.job = job
      self.value = value
    }
  }

  /// The newest arrival, which waits for the window's end, or for `running`.
  public var waiting: Member?
  /// When the one that waits may begin.
  public var dueAt = Timestamp(milliseconds: 0)
  /// When it may begin at the latest, however much follows it.
  public var latestAt = Timestamp(milliseconds: 0)
  /// The one whose window has ended, and which may be at work.
  public var running: Member?
  /// The highest value that was done.
  public var done: JSON?

  /// A window that nothing has arrived in.
  public init() {}

  /// True where no job is in it, so that it only remembers what was done.
  public var isEmpty: Bool { waiting == nil && running == nil }

  /// What an arrival means.
  public enum Arrival: Sendable, Hashable {
    /// Something newer is there already, or was done.
    case superseded
    /// It waits, and takes the place of the job named, if any.
    case waits(superseding: JobID?)
  }

  /// Ends the window when its time has come: its job can be leased now, and may be at work.
  public mutating func close(at moment: Timestamp) {
    guard running == nil, let member = waiting, dueAt <= moment else { return }
    (running, waiting) = (member, nil)
  }

  /// Takes a job in. The newest by value waits; of equal or incomparable values, the one that came last.
  public mutating func arrive(_ member: Member, quiet: Duration, maxWait: Duration, at moment: Timestamp) -> Arrival {
    let others = [waiting?.value, running?.value, done]
    if others.contains(where: { Self.isOlder(member.value, than: $0) }) { return .superseded }
    let superseded = waiting?.job
    if waiting == nil { latestAt = moment + maxWait }
    waiting = member
    dueAt = min(moment + quiet, latestAt)
    return .waits(superseding: superseded)
  }

  /// Notes that a job ended; `succeeded` says how.
  public mutating func end(_ job: JobID, succeeded: Bool) {
    guard let member = [waiting, running].compactMap({ $0 }).first(where: { $0.job == job }) else { return }
    if waiting?.job == job { waiting = nil }
    if running?.job == job { running = nil }
    if succeeded, !Self.isOlder(member.value, than: done) { done = member.value ?? done }
  }

  /// Notes that a job goes back to its queue until `moment`.
  /// - Returns: True where something newer waits, so that the job is superseded.
  public mutating func retry(_ job: JobID, until moment: Timestamp) -> Bool {
    if waiting?.job == job {
      dueAt = max(dueAt, moment)
      // What takes its place meanwhile waits as long as it would have: else each arrival would be tried at once.
      latestAt = max(latestAt, dueAt)
    }
    guard let member = running, member.job == job else { return false }
    if waiting != nil { return true }
    (waiting, running) = (member, nil)
    (dueAt, latestAt) = (moment, moment)
    return false
  }

  /// True where a dead letter's work is out of date: something newer waits, runs, or was done.
  public func outdates(_ member: Member) -> Bool {
    [waiting, running].contains { other in
      other.map { $0.job != member.job && !Self.isOlder($0.value, than: member.value) } ?? false
    } || Self.isOlder(member.value, than: done)
  }

  /// True where both values can be compared and the first is the lesser: numbers by value, texts by their bytes.
  static func isOlder(_ value: JSON?, than other: JSON?) -> Bool {
    switch (value, other) {
    case (.integer(let left)?, .integer(let right)?): left < right
    case (.integer(let left)?, .double(let right)?): Double(left) < right
    case (.double(let left)?, .integer(let right)?): left < Double(right)
    case (.double(let left)?, .double(let right)?): left < right
    case (.string(let left)?, .string(let right)?): left.utf8.lexicographicallyPrecedes(right.utf8)
    default: false
    }
  }
}
