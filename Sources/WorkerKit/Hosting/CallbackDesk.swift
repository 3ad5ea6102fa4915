/// Takes callbacks: answers from outside to attempts that wait for them.
///
/// An answer settles its job as a host does, fenced and in one transaction with all that follows. The token is bound to
/// the attempt that asked, which is the last in the job's history; the fence under which the job waits may have moved
/// since, because a push or a lease was lost.
public struct CallbackDesk: Sendable {
  private let services: HostServices
  private let key: CallbackKey
  private let settler: Settler

  /// Who settles, in the history of attempts.
  public static let host: HostID = "callback"
  /// How often a job that moves under the answer is looked at again.
  private static let looks = 3

  /// Prepares to take callbacks whose tokens `key` has made.
  public init(services: HostServices, key: CallbackKey) {
    self.services = services
    self.key = key
    settler = Settler(services: services, reporter: Reporter(services: services) { _ in }) { _ in }
  }

  /// True where the token was made for an attempt of this job, whatever has become of it.
  public func admits(_ token: String, for job: JobID) -> Bool { key.fence(in: token, of: job) != nil }

  /// Settles a job with an answer.
  /// - Throws: A `DriverError` when the store cannot; the answer can be sent again.
  public func receive(
    _ answer: CallbackAnswer, for id: JobID, token: String
  ) async throws(DriverError) -> CallbackReceipt {
    guard let fence = key.fence(in: token, of: id) else { return .over }
    for _ in 0..<Self.looks {
      guard let job = try await services.store.job(id) else { return .over }
      guard job.standing.awaitsCallback else {
        return job.standing.state.isLive && job.standing.fence == fence ? .early : .over
      }
      guard try await isAsking(fence, of: id) else { return .over }
      let result = answer.result(for: services.registry.worker(job.worker))
      if case .returned(let output, _) = result, output.count > Execution.outputBytes { return .tooLarge }
      guard let outcome = services.outcome(of: result, for: job) else { return .over }
      switch try await settle(job, outcome) {
      case .settled: return .settled(outcome)
      case .ended: return .over
      case .stale: continue
      }
    }
    throw DriverError(.unavailable, "job_moving", "The job is being moved by others; send the answer again.")
  }

  /// Whether the attempt under `fence` is the one that the job waits for.
  private func isAsking(_ fence: Fence, of job: JobID) async throws(DriverError) -> Bool {
    let last = try await services.store.attempts(of: job).last { $0.outcome != AttemptRecord.lost }
    return last?.fence == fence && last?.outcome == Outcome.awaitingWord
  }

  private func settle(_ job: Job, _ outcome: Outcome) async throws(DriverError) -> SettleAnswer {
    let standing = job.standing
    let authority = Authority(
      job: job.id, epoch: try await services.store.epoch(), fence: standing.fence,
      holder: Holder(services.environment.id()))
    let lease = Lease(authority: authority, queue: job.queue, length: .zero)
    let tracing = services.traces?.start(job, lease, on: Self.host)
    let item = Settler.Item(
      settlement: Settlement(
        authority: authority, outcome: outcome, host: Self.host, startedAt: nil), job: job)
    let answer = try await settle(item)
    if let tracing { services.traces?.end(tracing, as: answer == .settled ? outcome : nil) }
    // What waits in a queue beside the store waits for nothing now; refused when it is loaded where this is lost.
    if !services.store.movesQueue { _ = try? await services.queue.revoke([authority.claim]) }
    return answer
  }

  /// Settles; where the revision of the run is unknown here, it is read from the store first.
  private func settle(_ item: Settler.Item) async throws(DriverError) -> SettleAnswer {
    try await services.library.learning(from: services.store) { () throws(DriverError) in
      try await settler.attempt([item]).first ?? .stale
    }
  }
}

extension CallbackAnswer {
  /// The answer as the result of the attempt that asked; `worker` is who asked, where this program knows it.
  fileprivate func result(for worker: RegisteredWorker?) -> AttemptResult {
    switch self {
    case .output(let output):
      .returned(output: (worker?.outputOfCallback(output) ?? output).bytes(), artifacts: [])
    case .failure(let failure): .failed(failure)
    }
  }
}

extension Failure {
  /// Nobody has answered in time.
  static let missedCallback = Failure(
    .deadline, "callback_missed", "The answer that the attempt waited for did not come in time.")
}

extension HostServices {
  /// The outcome of an attempt that nothing cut short, by the policy of the job's stage.
  func outcome(of result: AttemptResult, for job: Job) -> Outcome? {
    let stage = library.pipeline(job.revision)?.stage(job.stage)
    return Decision.outcome(
      of: result, interruption: nil, attempt: job.standing.attempts + 1,
      policy: stage?.retry ?? registry.worker(job.worker)?.retry ?? .standard, chance: environment.random.unit())
  }
}
