/// Motion, rebuildable at any time: who works on which job now.
///
/// Every verb works on a batch, is one atomic operation, and answers for each item in the order asked. The queue hands
/// out each (job, fence) at most once in an epoch; an expired lease is never granted again, only reported. Nothing in a
/// queue is the only copy of anything: it may be wiped at any moment and filled again from the store.
public protocol JobQueue: Sendable {
  /// Takes in what a store committed. Refused as a whole under another epoch or after its time.
  func push(_ handoff: Handoff) async throws(DriverError) -> [PushAnswer]

  /// Grants up to `limit` leases on jobs that are due: by priority, then by turns of fair keys, as far as limits and
  /// pauses allow (`TurnTable` says how), and of one lane the oldest first. Waits up to `wait` when there are none. A
  /// lease takes a slot of each limit of its lane, and holds it until it is finished, replaced or taken away.
  func lease(_ request: LeaseRequest) async throws(DriverError) -> [Lease]

  /// Extends leases by their length from now. A lease that the queue has forgotten is adopted, unless it knows better.
  func renew(_ leases: [Lease]) async throws(DriverError) -> [RenewAnswer]

  /// Removes entries that their store has settled, where the asker still holds them.
  func finish(_ authorities: [Authority]) async throws(DriverError) -> [FinishAnswer]

  /// Takes back entries of jobs that were cancelled. What waits is removed; what is held stays until its holder asks
  /// for a renewal, which is answered with lost, or until its lease runs out.
  func revoke(_ jobs: [FencedJob]) async throws(DriverError) -> [RevokeAnswer]

  /// Reports up to `limit` leases that have run out, longest ago first: those that the store reissues are pushed under
  /// a newer fence, the others are finished.
  func expired(limit: Int) async throws(DriverError) -> [Authority]

  /// Says for each whether the queue has it, under this fence or a newer one, and whether it is leased.
  func known(_ jobs: [FencedJob]) async throws(DriverError) -> [KnownAnswer]

  /// How many jobs wait and how many are leased, by queue.
  func depths() async throws(DriverError) -> [QueueDepth]

  /// Forgets everything and begins `epoch` with what is paused and limited in it: nothing is granted before that is
  /// known. Asked for the epoch it is in, or an older one, it forgets nothing, and takes newer controls as `project`.
  func open(_ epoch: Epoch, under controls: QueueControls) async throws(DriverError)

  /// Takes what is paused and limited from now on, unless it knows newer; what a change sets free is granted at once.
  func project(_ controls: QueueControls) async throws(DriverError)

  /// False where the queue is in another epoch, and where what was opened in this one is gone or may be older than it
  /// was: its server was emptied, restored from a copy, or replaced by another. Then a new epoch has to begin.
  func isOpen(in epoch: Epoch) async throws(DriverError) -> Bool
}

extension JobQueue {
  /// Begins an epoch in which nothing is paused or limited.
  public func open(_ epoch: Epoch) async throws(DriverError) { try await open(epoch, under: QueueControls()) }

  /// True: a queue that shares its store's file, or its process, does not change behind its back.
  public func isOpen(in epoch: Epoch) async throws(DriverError) -> Bool { true }
}

/// The answer to one pushed entry.
public enum PushAnswer: Sendable, Hashable {
  /// The queue has it now.
  case pushed
  /// The queue had it already, under this fence or a newer one.
  case known
  /// The handoff came under another epoch, or too late.
  case refused
}

/// The answer to one renewal.
public enum RenewAnswer: Sendable, Hashable {
  /// The lease lasts its length from now.
  case extended
  /// Somebody else has the job, or a newer fence is known: stop working on it.
  case lost
}

/// The answer to one finish.
public enum FinishAnswer: Sendable, Hashable {
  /// The entry is gone.
  case removed
  /// The entry belongs to another holder or a newer fence, and stays.
  case held
}

/// The answer to one revocation.
public enum RevokeAnswer: Sendable, Hashable {
  /// Nobody has it any more.
  case removed
  /// A host holds it, and will be told at its next renewal.
  case held(Holder)
}

/// What a queue knows of a job.
public enum KnownAnswer: Sendable, Hashable {
  /// Nothing, or only an older fence.
  case unknown
  /// It waits for a host.
  case waiting
  /// A host holds it.
  case leased(Holder)
}

/// How full one queue is.
public struct QueueDepth: Sendable, Hashable {
  public let queue: QueueName
  /// Jobs that wait, those whose time has not come included.
  public let waiting: Int
  /// Jobs under a lease.
  public let leased: Int
  /// How long the oldest job that is due has waited; zero where none is.
  public let oldest: Duration

  /// Describes a queue's depth.
  public init(queue: QueueName, waiting: Int, leased: Int, oldest: Duration) {
    self.queue = queue
    self.waiting = waiting
    self.leased = leased
    self.oldest = oldest
  }
}
