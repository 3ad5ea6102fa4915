/// An attempt under way, as the lease keeper sees it. Pure: what is due at a moment is computed, not done.
struct ActiveAttempt: Sendable {
  let lease: Lease
  let startedAt: Timestamp
  /// When the host first asked for this lease, or last asked for its renewal, on the monotonic clock.
  var renewedAt: Duration
  /// When the attempt has run too long, on the monotonic clock.
  let deadline: Duration
  /// Whether the store has been told that the attempt lasts.
  var hasBegun = false
  /// Set once, when the attempt is cut short.
  var interruption: Interruption?
  /// When an attempt that does not heed its cancellation is given up.
  var givenUpAt: Duration?
  /// False from the moment its result is in.
  var isRunning = true
  var cancel: @Sendable () -> Void = {}
  var abandon: @Sendable () -> Void = {}

  /// How long an attempt may take to heed its cancellation.
  static let patience = Duration.seconds(5)

  /// When the host must stop, since the lease may have run out by the queue's clock: a tenth of it early.
  var expiresAt: Duration { renewedAt + lease.length * 0.9 }

  /// True when a third of the lease has passed.
  func needsRenewal(at now: Duration) -> Bool { interruption != .leaseLost && now >= renewedAt + lease.length / 3 }

  /// Why the attempt has to be cut short at `now`, or nil.
  func dueInterruption(at now: Duration) -> Interruption? {
    guard interruption == nil else { return nil }
    if now >= expiresAt { return .leaseLost }
    return isRunning && now >= deadline ? .deadline : nil
  }
}
