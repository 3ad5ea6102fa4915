import Logging
import Synchronization

/// The one place where outcomes are settled: in batches that gather while the one before is under way.
final class Settler: Sendable {
  /// An outcome on its way to the store; a class, since it is large and goes from hand to hand.
  final class Item: Sendable {
    let settlement: Settlement
    let job: Job

    init(settlement: Settlement, job: Job) {
      self.settlement = settlement
      self.job = job
    }
  }

  private let services: HostServices
  private let courier: Courier
  private let mailbox = Mailbox<Item>()
  private let failing = Mutex(false)
  /// Told of jobs that are settled, or never will be by this host.
  let release: @Sendable ([Authority]) -> Void
  private let reporter: Reporter

  /// The most settlements in one transaction.
  private static let batchSize = 500

  init(services: HostServices, reporter: Reporter, release: @escaping @Sendable ([Authority]) -> Void) {
    self.services = services
    self.reporter = reporter
    self.release = release
    courier = Courier(store: services.store, queue: services.queue)
  }

  /// True while outcomes cannot be settled: a host with unsettled work leases nothing.
  var isFailing: Bool { failing.withLock { $0 } }

  func submit(_ item: Item) { mailbox.put(item) }

  func close() { mailbox.close() }

  /// Settles until closed.
  func run() async {
    while let items = await mailbox.takeAll() {
      for start in stride(from: 0, to: items.count, by: Self.batchSize) {
        await settle(Array(items[start..<min(start + Self.batchSize, items.count)]))
      }
    }
  }

  private func settle(_ items: [Item]) async {
    var pause = Duration.milliseconds(50)
    while true {
      do throws(DriverError) {
        try await attempt(items)
        failing.withLock { $0 = false }
        release(items.map(\.settlement.authority))
        return
      } catch {
        failing.withLock { $0 = error.isTransient }
        // Damage too is in one of the items, or in the run of one: the others must not wait for a person.
        if error.kind == .refused || error.kind == .damaged { return await divide(items, error) }
        services.log.log(
          .error, "Outcomes cannot be settled; trying again.",
          [.errorCode: error.code, .errorDetail: error.detail, .count: String(items.count)])
        // Once the task is cancelled sleeping ends at once: then the leases run out and others do the work.
        guard error.isTransient, await pauses(for: pause) else { return release(items.map(\.settlement.authority)) }
        pause = min(pause * 2, .seconds(5))
      }
    }
  }

  private func pauses(for length: Duration) async -> Bool {
    do { try await services.environment.time.sleep(for: length) } catch { return false }
    return true
  }

  /// Halves a batch that the store refuses until the item stands alone that it refuses, which ends as poison.
  private func divide(_ items: [Item], _ error: DriverError) async {
    guard items.count == 1, let item = items.first else {
      await settle(Array(items[..<(items.count / 2)]))
      return await settle(Array(items[(items.count / 2)...]))
    }
    if case .failed(let failure) = item.settlement.outcome, failure.code == Self.refusedCode {
      services.log.log(
        .critical, "An outcome is refused even as poison; its lease is left to run out.",
        [.jobID: item.job.id.rawValue, .errorCode: error.code])
      return release([item.settlement.authority])
    }
    await settle([await poisoned(item, error)])
  }

  private static let refusedCode = "outcome_refused"

  private func poisoned(_ item: Item, _ error: DriverError) async -> Item {
    var fields = ["error_code": error.code]
    if case .succeeded(let output, _) = item.settlement.outcome, let objects = services.objects {
      let key = "refused/\(item.job.id)-\(item.settlement.authority.fence.rawValue).json"
      if (try? await objects.write(output, as: key, of: item.job.tenant)) != nil { fields["kept_as"] = key }
    }
    let failure = Failure(
      .poison, Self.refusedCode, "The store refuses the worker's output; its bytes are kept beside the job.",
      fields: fields)
    return Item(
      settlement: Settlement(
        authority: item.settlement.authority, outcome: .failed(failure), host: item.settlement.host,
        startedAt: item.settlement.startedAt),
      job: item.job)
  }

  /// Settles in one transaction, and tells everybody who is to know.
  @discardableResult
  func attempt(_ items: [Item]) async throws(DriverError) -> [SettleAnswer] {
    // Before they settle: afterwards their authority is spent.
    await reporter.flush(items.map(\.settlement.authority))
    let emissions = services.endings.emissions()
    let planner = Planner(registry: services.registry, environment: services.environment, isTraced: emissions != nil)
    let plan = services.library.settlePlanner(planner)
    let result = try await services.store.settle(items.map(\.settlement), plan: emissions?.noting(plan) ?? plan)
    count(zip(items, result.answers).filter { $0.1 == .settled }.map(\.0))
    for (item, answer) in zip(items, result.answers) { tell(item, answer) }
    if let emissions { trace(items, result.answers, emissions) }
    services.endings.tell(result.ended, emitting: emissions)
    if result.emitted > 0 { services.emitted.raise() }
    do throws(DriverError) {
      let isFull = try await deliver(result.handoff)
      if !services.store.movesQueue { try await finish(items, result.answers) }
      if isFull { services.log.log(.warning, "The queue is full; what follows waits in the store.", [:]) }
    } catch {
      // The store has it; the reconciler and the reaper see to the queue.
      services.log.log(
        .warning, "The queue was not told of settled work; it will be asked about it.", [.errorCode: error.code])
    }
    return result.answers
  }

  /// Pushes what follows; true where the queue is full, which still gives up what it has.
  private func deliver(_ handoff: Handoff?) async throws(DriverError) -> Bool {
    do throws(DriverError) { try await courier.deliver(handoff) } catch {
      guard error.kind == .full else { throw error }
      return true
    }
    return false
  }

  private func finish(_ items: [Item], _ answers: [SettleAnswer]) async throws(DriverError) {
    let over = zip(items, answers).filter { item, answer in answer != .stale && item.settlement.outcome.leavesQueue }
    if !over.isEmpty { _ = try await services.queue.finish(over.map(\.0.settlement.authority)) }
  }

  /// Counts what was settled; neighbours of one stage with one outcome at once.
  private func count(_ items: [Item]) {
    for group in items.runs(by: {
      $0.job.stage == $1.job.stage && $0.job.pipeline == $1.job.pipeline
        && $0.settlement.outcome.word == $1.settlement.outcome.word
    }) {
      guard let first = group.first else { continue }
      services.metrics.add(
        group.count, to: MetricName.jobs, first.job.pipeline.rawValue, first.job.stage.rawValue,
        first.settlement.outcome.word)
    }
  }

  private func tell(_ item: Item, _ answer: SettleAnswer) {
    let (job, outcome) = (item.job, item.settlement.outcome)
    guard answer == .settled else {
      services.metrics.add(to: MetricName.staleWrites)
      return log(of: item).log(.warning, "A stale outcome was refused.", [.outcome: outcome.word])
    }
    guard let failure = outcome.failure else { return }
    if case .retry = outcome { services.metrics.add(to: MetricName.retries, job.worker.rawValue, failure.code) }
    if failure.kind == .crash { services.metrics.add(to: MetricName.crashes, job.worker.rawValue) }
    log(of: item).log(
      .info, "An attempt did not succeed.",
      [.outcome: outcome.word, .failureKind: failure.kind.rawValue, .failureCode: failure.code])
  }

  private func log(of item: Item) -> Logger {
    services.log.with(item.job, trace: services.traces?.attempt(item) ?? item.job.trace)
  }

  /// Sends the spans of jobs that have ended and of events that were emitted.
  private func trace(_ items: [Item], _ answers: [SettleAnswer], _ emissions: EmissionLog) {
    for (item, answer) in zip(items, answers) where answer == .settled {
      services.traces?.end(item)
      services.traces?.tell(emissions, after: item, of: services.library.pipeline(item.job.revision))
    }
  }
}

extension Outcome {
  /// True when the job has nothing more to do in the queue: it ended, or waits outside.
  fileprivate var leavesQueue: Bool {
    switch self {
    case .succeeded, .failed, .timedOut, .parked: true
    case .retry, .released, .awaiting: false
    }
  }
}

extension Array {
  /// The array in pieces, each as long as its neighbours belong together.
  fileprivate func runs(by belongTogether: (Element, Element) -> Bool) -> [ArraySlice<Element>] {
    var (pieces, start) = ([ArraySlice<Element>](), 0)
    for index in indices.dropFirst() where !belongTogether(self[start], self[index]) {
      pieces.append(self[start..<index])
      start = index
    }
    return isEmpty ? [] : pieces + [self[start...]]
  }
}
