internal import Synchronization
import WorkerKit

/// Jobs as they stood when this process loaded them for its hosts, so that settling need not read them again.
///
/// Nothing rests on them: what has changed since is found out by fence and holder when it is written, and read then.
final class LoadedJobs: Sendable {
  private let jobs = Mutex<[JobID: StoredJob]>([:])

  /// More than the hosts of a process hold at a time; beyond, those are left over that were never settled here.
  private static let limit = 20_000

  func note(_ loaded: [StoredJob]) {
    jobs.withLock { jobs in
      if jobs.count + loaded.count > Self.limit { jobs = [:] }
      for job in loaded { jobs[job.id] = job }
    }
  }

  /// Those that are known, which are forgotten.
  func take(_ ids: some Sequence<JobID>) -> [JobID: StoredJob] {
    jobs.withLock { jobs in
      var taken: [JobID: StoredJob] = [:]
      for id in ids { if let job = jobs.removeValue(forKey: id) { taken[id] = job } }
      return taken
    }
  }

  /// Forgets jobs whose standing has changed.
  func forget(_ ids: some Sequence<JobID>) { _ = take(ids) }
}
