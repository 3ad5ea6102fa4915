import WorkerKit

/// How rows are numbered: a run's number holds its event's, and a job's holds its run's.
///
/// So an event's runs and a run's jobs are ranges, which need no index, and 2^36 events have numbers.
enum SQLiteNumbers {
  /// The most runs that one event may start.
  static let runsOfEvent = Int64(1) << 10
  /// The most jobs that one run may have.
  static let jobsOfRun = Int64(1) << 17
  /// How many of a run's first jobs may be found by reading through them; the others have their id in an index.
  static let jobsBesideRun = Int64(16)

  static func firstRun(of event: Int64) -> Int64 { event * runsOfEvent }
  static func event(of run: Int64) -> Int64 { run / runsOfEvent }
  static func firstJob(of run: Int64) -> Int64 { run * jobsOfRun }
  static func run(of job: Int64) -> Int64 { job / jobsOfRun }

  /// True where there are numbers for an event's new runs, after those `given`, and for the first jobs of each.
  static func hold(_ runs: [NewRun], after given: Int64 = 0) -> Bool {
    given + Int64(runs.count) <= runsOfEvent && runs.allSatisfy { $0.plan.jobs.count <= Int(jobsOfRun) }
  }

  /// The number of one of a run's jobs, counted from 0.
  static func job(_ ordinal: Int64, of run: Int64) throws(DriverError) -> Int64 {
    guard ordinal < jobsOfRun else {
      throw DriverError(
        .refused, "run_too_large", "A run has more jobs than the database can number; split the work into runs.",
        detail: "\(jobsOfRun) jobs")
    }
    return firstJob(of: run) + ordinal
  }
}

/// A job's id taken apart, where it has the form that planners give it: the run's id, a hyphen, the job's place in it.
struct DerivedID {
  let run: Substring
  /// The stage's name, and for one element of a list a dot and the element's index.
  let place: Substring

  /// Nil for a text without a hyphen, which is another's choice of id.
  init?(_ id: JobID) {
    guard let hyphen = id.rawValue.utf8.firstIndex(of: UInt8(ascii: "-")) else { return nil }
    run = id.rawValue[..<hyphen]
    place = id.rawValue[id.rawValue.utf8.index(after: hyphen)...]
  }
}
