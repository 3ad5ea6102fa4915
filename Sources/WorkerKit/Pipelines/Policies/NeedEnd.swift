/// How a need can end, as `join` names it.
public enum NeedEnd: String, Sendable, Hashable, CaseIterable {
  case succeeded
  /// FAILED or TIMED_OUT. What was cancelled counts as no end: whatever needs it is cancelled with it.
  case failed
  case skipped
}
