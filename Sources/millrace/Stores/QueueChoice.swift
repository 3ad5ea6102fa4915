import Logging
import PostgreSQLDriver
import WorkerKit

/// Which queue the processes beside one database use. The dispatcher that was started last decides; one that was
/// started with another queue lets epochs be, so that two of them do not take the queue from each other for ever.
struct QueueChoice: Sendable {
  private let table: PostgresQueueChoice
  private let name: String
  private let log: Logger

  /// A process whose queue has this name.
  init(table: PostgresQueueChoice, name: String, log: Logger) {
    self.table = table
    self.name = name
    self.log = log
  }

  /// Makes this process's queue the one in force, when it starts.
  func make() async throws(DriverError) {
    guard let last = try await table.choose(name), last != name else { return }
    log.log(
      .warning, "The queue is another now (--queue); stop every process that was started with the one before.",
      [.queue: name, .errorDetail: "before: \(last)"])
  }

  /// Says so where the dispatchers use another queue than this process.
  func compare() async {
    do throws(DriverError) { try await check() } catch {
      guard error.code == Self.code else { return }
      log.log(
        .warning, "The dispatchers use another queue (--queue); this process finds nothing to do in its own.",
        [.queue: name, .errorDetail: error.detail])
    }
  }

  /// - Throws: `queue_elsewhere` where another queue is in force.
  func check() async throws(DriverError) {
    guard let chosen = try await table.name(), chosen != name else { return }
    throw DriverError(
      .unavailable, Self.code,
      "Another queue is in force; start every process with the same --queue, or MILLRACE_QUEUE_URL.",
      detail: "--queue here: \(name), in force: \(chosen)")
  }

  private static let code = "queue_elsewhere"
}

/// A queue that is opened, and said to be well, only while it is the one in force.
struct ChosenQueue: JobQueue {
  private let queue: any JobQueue
  private let choice: QueueChoice

  /// `queue`, under the condition of `choice`.
  init(_ queue: any JobQueue, choice: QueueChoice) {
    self.queue = queue
    self.choice = choice
  }

  func open(_ epoch: Epoch, under controls: QueueControls) async throws(DriverError) {
    try await choice.check()
    try await queue.open(epoch, under: controls)
  }

  func project(_ controls: QueueControls) async throws(DriverError) { try await queue.project(controls) }

  func isOpen(in epoch: Epoch) async throws(DriverError) -> Bool {
    try await choice.check()
    return try await queue.isOpen(in: epoch)
  }

  func depths() async throws(DriverError) -> [QueueDepth] {
    try await choice.check()
    return try await queue.depths()
  }

  func push(_ handoff: Handoff) async throws(DriverError) -> [PushAnswer] { try await queue.push(handoff) }

  func lease(_ request: LeaseRequest) async throws(DriverError) -> [Lease] { try await queue.lease(request) }

  func renew(_ leases: [Lease]) async throws(DriverError) -> [RenewAnswer] { try await queue.renew(leases) }

  func finish(_ authorities: [Authority]) async throws(DriverError) -> [FinishAnswer] {
    try await queue.finish(authorities)
  }

  func revoke(_ jobs: [FencedJob]) async throws(DriverError) -> [RevokeAnswer] { try await queue.revoke(jobs) }

  func expired(limit: Int) async throws(DriverError) -> [Authority] { try await queue.expired(limit: limit) }

  func known(_ jobs: [FencedJob]) async throws(DriverError) -> [KnownAnswer] { try await queue.known(jobs) }
}
