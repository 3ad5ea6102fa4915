/// What somebody outside says of an attempt that waits for it.
public enum CallbackAnswer: Sendable, Hashable {
  /// The work is done; a JSON object, as the worker would have returned it.
  case output(JSON)
  /// It was not; what follows is decided as for a failure of the worker.
  case failure(Failure)
}

/// What became of a callback.
public enum CallbackReceipt: Sendable, Hashable {
  /// It settled the job, with this outcome.
  case settled(Outcome)
  /// The attempt has not ended yet: it is to be sent again in a moment.
  case early
  /// The attempt does not wait for it any more, or never did: it was answered, or its time is over, or the job has been
  /// tried again, cancelled or removed.
  case over
  /// The output is larger than the 1 MiB that a worker may return.
  case tooLarge
}
