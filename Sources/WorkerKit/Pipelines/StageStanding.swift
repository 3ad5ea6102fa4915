/// How a stage stands in a run, for those that need it.
enum StageStanding {
  /// It has a live job, or waits for one of its needs.
  case open
  case succeeded
  case skipped
  /// It ended without success; the words say how.
  case lost(String)

  /// How a stage with this one job stands.
  init(_ state: JobState) {
    self =
      switch state {
      case .pending, .queued, .running: .open
      case .succeeded: .succeeded
      case .failed: .lost("failed")
      case .timedOut: .lost("timed out")
      case .cancelled: .lost("was cancelled")
      }
  }

  /// How it ended, as `join` names it; nil while it has not.
  var end: NeedEnd? {
    switch self {
    case .open: nil
    case .succeeded: .succeeded
    case .skipped: .skipped
    case .lost: .failed
    }
  }
}
