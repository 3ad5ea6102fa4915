import Logging
import WorkerKit

/// Cancels in the store, takes back in the queue, and tells what has ended and what is still at work.
struct Canceller {
  let services: APIServices

  /// The code of the error where the revision of a run's pipeline cannot be read.
  static let unreadable = "revision_unknown"

  /// What cancelling came to.
  struct Result {
    let answers: [CancelAnswer]
    /// Everything that was cancelled.
    let jobs: [JobID]
    /// Those of them that a host holds, which is told at its next renewal.
    let running: [JobID]
  }

  /// Cancels what `requests` name; `jobs` are the jobs that this is about, as they stand before.
  func cancel(_ requests: [CancelRequest], of jobs: [Job]) async throws(DriverError) -> Result {
    // Asked before: a store that moves its queue takes the entries out itself, and the queue can tell no more.
    let live = try await LiveStates(queue: services.queue).apply(to: jobs)
    let held = Set(
      live.filter { $0.standing.state == .running }.map { FencedJob(job: $0.id, fence: $0.standing.fence) })
    let result = try await services.planning(ending: \.ended) { next throws(DriverError) in
      try await services.store.cancel(requests, next: next)
    }
    let revoked = await revoke(result.jobs)
    await services.deliver(result.handoff, orLog: "Jobs whose turn came were not pushed yet; the reconciler will.")
    let running = result.jobs.filter { held.contains($0) || revoked.contains($0) }.map(\.job)
    services.log.log(.info, "Jobs were cancelled.", [.count: String(result.jobs.count)])
    return Result(answers: result.answers, jobs: result.jobs.map(\.job), running: running)
  }

  /// Takes entries back, and gives those that a host holds. What is not taken back is refused when it is loaded.
  private func revoke(_ jobs: [FencedJob]) async -> Set<FencedJob> {
    guard !jobs.isEmpty else { return [] }
    do throws(DriverError) {
      let answers = try await services.queue.revoke(jobs)
      return Set(zip(jobs, answers).filter { $0.1 != .removed }.map(\.0))
    } catch {
      services.log.log(.warning, "Cancelled jobs are in the queue still; hosts will be refused them.", error.logFields)
      return []
    }
  }
}
