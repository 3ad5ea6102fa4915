/// How a stage stands in a run, for those that need it.
enum StageStanding {
  /// It has a live job, or waits for one of its needs.
  case open
  case succeeded
  case skipped
  /// It ended without success, for good; the words say how.
  case lost(String)
  /// It was cancelled, by a person or with what it needs: so is what needs it, whatever `join` says.
  case cancelled

  /// How a stage with this one job stands.
  init(_ state: JobState) {
    self =
      switch state {
      case .pending, .queued, .running: .open
      case .succeeded: .succeeded
      case .failed: .lost("failed")
      case .timedOut: .lost("timed out")
      case .cancelled: .cancelled
      }
  }

  /// True while it has not ended.
  var isOpen: Bool { if case .open = self { true } else { false } }

  /// How it ended, as `join` names it; nil where it has not, or was cancelled.
  var end: NeedEnd? {
    switch self {
    case .open, .cancelled: nil
    case .succeeded: .succeeded
    case .skipped: .skipped
    case .lost: .failed
    }
  }
}
