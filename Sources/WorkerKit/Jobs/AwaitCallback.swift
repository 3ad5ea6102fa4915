/// What a worker throws that has asked somebody outside and waits for the answer: its attempt ends, its slot is free,
/// and the job is PENDING until the answer comes to the address of the context's `callback`, or until its time is over.
///
/// No attempt is spent by waiting. The answer settles the job as if the worker had returned it. Where none comes in
/// time, the attempt has failed with kind `deadline` and code `callback_missed`: it is tried again as the stage's
/// policy says, and the job is TIMED_OUT when its attempts are spent.
public struct AwaitCallback: Error, Sendable, Hashable {
  /// How long the answer may take.
  public let within: Duration

  /// The longest wait: 30 days.
  public static let longest = Duration.seconds(30 * 86_400)

  /// Asks for a wait, which is brought into 1 s … 30 days.
  public init(within: Duration) { self.within = min(max(within, .seconds(1)), Self.longest) }
}
