import WorkerKit

/// Looks whether the job or run is there behind which a page begins.
///
/// Behind one that is not there the page would be empty, which reads as the end of the list.
struct PageStart {
  let store: any JobStore

  /// Refuses the query of a page that begins behind a job which is not there.
  func check(_ job: JobID?) async throws {
    let items = try await problems(behind: job)
    guard items.isEmpty else { throw Problem.invalidQuery(items) }
  }

  /// Refuses the query of a page that begins behind a run which is not there.
  func check(_ run: RunID?) async throws {
    guard let run, try await store.run(run) == nil else { return }
    throw Problem.invalidQuery([Self.problem("run")])
  }

  /// What is wrong with a request that goes on behind a job: nothing where the job is there, or none is named.
  func problems(behind job: JobID?) async throws(DriverError) -> [Problem.Item] {
    guard let job, try await store.job(job) == nil else { return [] }
    return [Self.problem("job")]
  }

  private static func problem(_ what: String) -> Problem.Item {
    .init(
      field: "before", code: "unknown",
      message: "There is no \(what) with this id; it is the next_before of an earlier page. Begin again without it.")
  }
}
