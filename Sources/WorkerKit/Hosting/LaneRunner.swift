import Logging

/// Takes jobs from one queue as long as there are free slots, and starts their attempts.
struct LaneRunner: Sendable {
  let lane: HostLane
  let slots: Slots
  let configuration: HostConfiguration
  let services: HostServices
  let keeper: LeaseKeeper
  let settler: Settler
  let reporter: Reporter
  let gatherer: Gatherer

  /// Runs until the slots are closed.
  func run(until isStopping: @escaping @Sendable () -> Bool) async {
    while let free = await slots.available() {
      let askedAt = services.environment.time.monotonic
      do throws(DriverError) {
        if settler.isFailing {
          try await pause()
        } else {
          let leases = try await services.queue.lease(request(for: free))
          guard !leases.isEmpty else { continue }
          slots.take(leases.count)
          try await start(leases, askedAt: askedAt, isStopping)
        }
      } catch {
        services.log.log(
          .error, "Jobs cannot be taken from the queue; trying again.",
          [.queue: lane.queue.rawValue, .errorCode: error.code, .errorDetail: error.detail])
        if error.kind == .closed || isStopping() { return }
        try? await pause()
      }
    }
  }

  private func request(for free: Int) -> LeaseRequest {
    LeaseRequest(
      queue: lane.queue, limit: free, length: configuration.leaseLength, host: configuration.id,
      wait: configuration.leaseWait)
  }

  private func pause() async throws(DriverError) {
    do { try await services.environment.time.sleep(for: .milliseconds(200)) } catch {
      throw DriverError(.closed, "host_stopping", "The host is stopping.")
    }
  }

  /// Reads what the leases are for, once for all of them, and starts what there is to do.
  private func start(
    _ leases: [Lease], askedAt: Duration, _ isStopping: @Sendable () -> Bool
  ) async throws(DriverError) {
    let answers: [LoadAnswer]
    do throws(DriverError) {
      answers = try await load(leases, askedAt: askedAt, isStopping)
    } catch {
      for _ in leases { slots.free() }
      throw error
    }
    var gone: [Authority] = []
    var early: [FencedJob] = []
    var (stations, waits) = (Stations(services), [Duration]())
    for (lease, answer) in zip(leases, answers) {
      switch answer {
      case .job(let job) where job.standing.awaitsCallback: settleMissed(job, lease)
      case .job(let job) where isStopping(): settleUnstarted(job, lease, .released)
      case .job(let job):
        guard let station = stations.station(of: job) else {
          park(job, lease, waitingFor: stations.missing(for: job))
          continue
        }
        waits.append(services.environment.time.now - job.standing.dueAt)
        start(job, at: station, under: lease, askedAt: askedAt)
      case .gone: gone.append(lease.authority)
      case .notDue: early.append(FencedJob(job: lease.authority.job, fence: lease.authority.fence))
      }
    }
    services.metrics.observe(waits, in: MetricName.queueLatency, lane.queue.rawValue)
    for _ in gone.indices { slots.free() }
    for _ in early.indices { slots.free() }
    if !gone.isEmpty { _ = try await services.queue.finish(gone) }
    if !early.isEmpty {
      // A new fence, since the queue hands out each fence only once; the due time stays.
      let result = try await services.store.reissue(early, because: .overdue)
      try await Courier(store: services.store, queue: services.queue).deliver(result.handoff)
    }
  }

  /// Reads what the leases are for, again and again while they last: with others it would lease, and lose, the whole
  /// queue of a store that cannot be read.
  private func load(
    _ leases: [Lease], askedAt: Duration, _ isStopping: @Sendable () -> Bool
  ) async throws(DriverError) -> [LoadAnswer] {
    while true {
      do throws(DriverError) {
        let answers = try await services.store.load(leases)
        try await learnRevisions(of: answers)
        return answers
      } catch {
        let isOver = services.environment.time.monotonic >= askedAt + configuration.leaseLength * 0.9
        guard error.isTransient, !isOver, !isStopping() else { throw error }
        services.log.log(
          .error, "Leased jobs cannot be read; trying again.", [.queue: lane.queue.rawValue, .errorCode: error.code])
        try await pause()
      }
    }
  }

  /// Any host settles any run: the revision that a run started on is read from the store.
  private func learnRevisions(of answers: [LoadAnswer]) async throws(DriverError) {
    var needed: Set<RevisionHash> = []
    var last: RevisionHash?
    for case .job(let job) in answers where job.revision != last {
      last = job.revision
      needed.insert(job.revision)
    }
    let missing = services.library.missing(needed)
    guard !missing.isEmpty else { return }
    for revision in try await services.store.revisions(missing) {
      do throws(PipelineFileError) {
        try services.library.add(revision)
      } catch {
        services.log.log(
          .error, "A stored pipeline revision cannot be read by this version.",
          [.pipeline: revision.pipeline.rawValue, .errorDetail: error.description])
      }
    }
  }

  private func start(_ job: Job, at station: Stations.Station, under lease: Lease, askedAt: Duration) {
    let startedAt = services.environment.time.now
    let (stage, worker) = (station.stage, station.worker)
    let timeout = stage.timeout ?? worker.timeout
    let batch = batch(for: worker, stage)
    let attempt = ActiveAttempt(
      lease: lease, startedAt: startedAt, renewedAt: askedAt,
      deadline: services.environment.time.monotonic + timeout + (batch?.wait ?? .zero))
    let tracing = services.traces?.start(job, lease, on: configuration.id)
    let context = context(of: job, lease: lease, tracing: tracing)
    let policy = stage.retry ?? worker.retry
    let place = ExecutionPlace(stage.policy.isolation, services.isolated, deadline: timeout)
    reporter.open(lease.authority)
    keeper.start(attempt, on: configuration.executor) {
      guard let batch else { return await Execution.run(job, worker: worker, context: context, at: place) }
      return await Execution.run(job, worker: worker, context: context, in: batch, by: gatherer)
    } finish: { result, interruption in
      end(job, attempt, result, interruption, policy, tracing)
    }
  }

  /// How jobs of the stage are gathered; nil where each runs by itself. No more than the lane can hold ever comes.
  private func batch(for worker: RegisteredWorker, _ stage: Stage) -> BatchPolicy? {
    guard worker.runBatch != nil, stage.policy.isolation == nil else { return nil }
    let policy = stage.policy.batch ?? .standard
    return BatchPolicy(size: min(policy.size, lane.concurrency), wait: policy.wait)
  }

  private func end(
    _ job: Job, _ attempt: ActiveAttempt, _ result: AttemptResult, _ interruption: Interruption?,
    _ policy: RetryPolicy, _ tracing: AttemptTracing?
  ) {
    defer { slots.free() }
    services.metrics.observe(
      services.environment.time.now - attempt.startedAt, in: MetricName.runTime, job.worker.rawValue)
    let outcome = Decision.outcome(
      of: result, interruption: interruption, attempt: job.standing.attempts + 1, policy: policy,
      chance: services.environment.random.unit())
    if let tracing { services.traces?.end(tracing, as: outcome) }
    guard let outcome else { return settler.release([attempt.lease.authority]) }
    submit(job, attempt.lease, outcome, startedAt: attempt.startedAt)
  }

  private func park(_ job: Job, _ lease: Lease, waitingFor reason: String) {
    services.log.with(job, trace: job.trace).log(
      .warning, "A job is parked: this host cannot do it.", [.worker: job.worker.rawValue])
    settleUnstarted(job, lease, .parked(waitingFor: reason))
  }

  /// Nobody has answered in time, which is a failure of the attempt that asked; the worker is not run.
  private func settleMissed(_ job: Job, _ lease: Lease) {
    let outcome = services.outcome(of: .failed(.missedCallback), for: job)
    let tracing = services.traces?.start(job, lease, on: configuration.id)
    if let tracing { services.traces?.end(tracing, as: outcome) }
    guard let outcome else { return slots.free() }
    settleUnstarted(job, lease, outcome)
  }

  private func settleUnstarted(_ job: Job, _ lease: Lease, _ outcome: Outcome) {
    defer { slots.free() }
    submit(job, lease, outcome, startedAt: nil)
  }

  private func submit(_ job: Job, _ lease: Lease, _ outcome: Outcome, startedAt: Timestamp?) {
    settler.submit(
      Settler.Item(
        settlement: Settlement(
          authority: lease.authority, outcome: outcome, host: configuration.id, startedAt: startedAt),
        job: job))
  }

  private func context(of job: Job, lease: Lease, tracing: AttemptTracing?) -> WorkerContext {
    WorkerContext(
      job: job.id, run: job.run, tenant: job.tenant, pipeline: job.pipeline, stage: job.stage,
      attempt: job.standing.attempts + 1, authority: lease.authority, logFields: job.context, baseLog: services.log,
      environment: services.environment, tracing: tracing, callbacks: services.callbacks
    ) { [reporter] in reporter.note($0, of: lease.authority) }
  }
}
