/// Durable facts: events, runs, jobs, attempts, pipeline revisions, how far schedules have come, what is paused.
///
/// Every verb works on a batch, is one transaction, and answers for each item in the order asked. What a verb answers
/// is committed. Only the store issues fences, and it compares authority inside the transaction that writes.
///
/// A job's id is any text that a plan names and no other job has. Planners derive it (`JobID.init(run:stage:index:)`),
/// and a store may find such a job by way of its run; it has to find every other as well.
///
/// A verb that makes work answers with a `Handoff` to push, or with nil where there is nothing to push or where store
/// and queue are one file and the push was part of the transaction (`movesQueue`).
public protocol JobStore: RevisionStore, ScheduleStore, PauseStore, JobReading {
  /// True when this store and its queue share one transaction: it pushes and finishes by itself, and hands nothing
  /// over.
  var movesQueue: Bool { get }

  /// Keeps events. An event whose tenant, source and id are known already is a duplicate and changes nothing.
  func record(_ events: [EventEnvelope]) async throws(DriverError) -> [RecordAnswer]

  /// Plans up to `limit` events that no one has routed, and keeps runs, jobs and "routed" together. An event for which
  /// the planner throws stays unrouted, and the others go on.
  ///
  /// A new job may end others, or itself at once: older ones of its window, one whose work was done already. `next`
  /// plans the runs in which that happens.
  func route(
    limit: Int, plan: @escaping RoutePlanner, next: @escaping SettlePlanner
  ) async throws(DriverError) -> RouteResult

  /// Reads what leases are for, before anything runs.
  func load(_ leases: [Lease]) async throws(DriverError) -> [LoadAnswer]

  /// Marks attempts that last as RUNNING and binds their holders.
  func begin(_ attempts: [BegunAttempt]) async throws(DriverError) -> [WriteAnswer]

  /// Keeps what attempts report of their progress: fraction and message replace the ones before, logs are added.
  func report(_ reports: [ProgressReport]) async throws(DriverError) -> [WriteAnswer]

  /// Records outcomes and all that follows from them: the next stages' jobs, emitted events, ended runs.
  func settle(_ settlements: [Settlement], plan: @escaping SettlePlanner) async throws(DriverError) -> SettleResult

  /// Raises the fence of jobs whose lease ran out or whose push was lost, if it is still the one named.
  func reissue(_ jobs: [FencedJob], because cause: ReissueCause) async throws(DriverError) -> ReissueResult

  /// Up to `limit` handoffs that are overdue, oldest first: committed, and perhaps never pushed. Of each, the jobs that
  /// still stand under the fence that was handed over. Whoever asks sees to them and then says `arrived`.
  func due(limit: Int) async throws(DriverError) -> [OverdueHandoff]

  /// Forgets handoffs that have arrived, or were seen to. May be late, may be lost.
  func arrived(_ handoffs: [Int64]) async throws(DriverError)

  /// Queues dead letters again under a new fence, if the fence is still the one named.
  /// One of which another has done the work meanwhile ends at once, with that result; `next` plans what follows.
  func replay(
    _ requests: [ReplayRequest], next: @escaping SettlePlanner
  ) async throws(DriverError) -> ReplayResult

  /// Ends jobs and runs that a person does not want any more: CANCELLED under a new fence, what is downstream with
  /// them. Whoever asks revokes the jobs in the queue.
  func cancel(_ requests: [CancelRequest], next: @escaping SettlePlanner) async throws(DriverError) -> CancelResult

  /// Starts runs of events that were routed before, as `EventReplay` says; `plan` says which, and `next` what follows
  /// as in `route`. Each event is answered for itself: one that cannot be planned does not hold up the others.
  func replayEvents(
    _ replay: EventReplay, plan: @escaping RoutePlanner, next: @escaping SettlePlanner
  ) async throws(DriverError) -> EventReplayResult

  /// Tells that a host knows these workers; jobs parked for want of one of them are queued.
  func announce(_ host: HostID, workers: [WorkerName]) async throws(DriverError) -> Handoff?

  /// The queue's epoch.
  func epoch() async throws(DriverError) -> Epoch

  /// Begins the next epoch, because queue or store may have gone back in time. Every lease of the old one is void: jobs
  /// that somebody had begun get a new fence, a loss counted, since their holder's token is worth nothing any more.
  func advanceEpoch() async throws(DriverError) -> Epoch

  /// True when the queue was filled in this epoch: `refill` has reached its last page. One that was interrupted is done
  /// again, from the start.
  func isFilled() async throws(DriverError) -> Bool

  /// One page of the live jobs that a queue should hold in `epoch`, after `cursor`, oldest first; filling an emptied
  /// queue reads all pages. Each page is a handoff. Where another epoch has begun meanwhile there is nothing more to
  /// fill, and nothing is marked as filled: the page is empty and the last.
  func refill(in epoch: Epoch, after cursor: JobID?, limit: Int) async throws(DriverError) -> RefillPage

  /// Removes what is over and older than `policy` keeps it, up to `limit` of each kind that `Pruned` counts: whole runs
  /// with their jobs and attempts, events whose runs have left, and what stands beside them and nothing refers to any
  /// more. Called again until nothing is left to remove.
  func prune(_ policy: RetentionPolicy, limit: Int) async throws(DriverError) -> Pruned

  /// Writes and reads back a fact. Throws when the store refuses writes; readiness asks this.
  func probe() async throws(DriverError)
}

/// Plans the runs of one event; pure but for the ids it draws. A store may call it on several threads and outside its
/// transaction, and in vain where another has routed the event meanwhile.
public typealias RoutePlanner = @Sendable (EventEnvelope) throws -> [NewRun]

/// Plans what follows in a run after some of its jobs were settled. Called inside the store's transaction.
public typealias SettlePlanner = @Sendable (RunSnapshot) throws -> RunPlan
