import WorkerKit

/// A run's jobs as its planner sees them.
typealias SQLiteRunResults = RunResults
