/// How a need can end, as `join` names it.
public enum NeedEnd: String, Sendable, Hashable, CaseIterable {
  case succeeded
  /// FAILED, TIMED_OUT or cancelled for good.
  case failed
  case skipped
}
