/// How stores number their rows: a run's number holds its event's, and a job's holds its run's.
///
/// So an event's runs and a run's jobs are ranges, which need no index, and 2^36 events have numbers.
public enum RowNumbers {
  /// The most runs that one event may start.
  public static let runsOfEvent = Int64(1) << 10
  /// The most jobs that one run may have.
  public static let jobsOfRun = Int64(1) << 17
  /// How many of a run's first jobs may be found by reading through them; the others have their id in an index.
  public static let jobsBesideRun = Int64(16)

  /// The number of an event's first run.
  public static func firstRun(of event: Int64) -> Int64 { event * runsOfEvent }
  /// The event of a run.
  public static func event(of run: Int64) -> Int64 { run / runsOfEvent }
  /// The number of a run's first job.
  public static func firstJob(of run: Int64) -> Int64 { run * jobsOfRun }
  /// The run of a job.
  public static func run(of job: Int64) -> Int64 { job / jobsOfRun }

  /// True where there are numbers for an event's new runs, after those `given`, and for the first jobs of each.
  public static func hold(_ runs: [NewRun], after given: Int64 = 0) -> Bool {
    given + Int64(runs.count) <= runsOfEvent && runs.allSatisfy { $0.plan.jobs.count <= Int(jobsOfRun) }
  }

  /// The number of one of a run's jobs, counted from 0.
  public static func job(_ ordinal: Int64, of run: Int64) throws(DriverError) -> Int64 {
    guard ordinal < jobsOfRun else {
      throw DriverError(
        .refused, "run_too_large", "A run has more jobs than the database can number; split the work into runs.",
        detail: "\(jobsOfRun) jobs")
    }
    return firstJob(of: run) + ordinal
  }
}
