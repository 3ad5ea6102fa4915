/// Runs a job's worker in a process of its own, within walls.
///
/// One job at a time in each process, so that a death names its culprit. What it throws is a `Failure`: of kind `crash`
/// where the process died under the job, with the evidence in its fields; of kind `deadline` where it was killed for
/// its time; or what the worker threw. It throws a `CancellationError` when the calling task is cancelled, and has then
/// ended the process already.
public protocol IsolatedRunner: Sendable {
  /// Runs the work elsewhere and answers with what the worker returned.
  func run(_ work: IsolatedWork, within policy: IsolationPolicy) async throws -> IsolatedOutput
}

/// What a worker returned in another process.
public struct IsolatedOutput: Sendable, Hashable {
  /// The output as a JSON object.
  public let json: JSON
  /// What the worker stored; settle registers it.
  public let artifacts: [Artifact]

  /// Describes an output.
  public init(json: JSON, artifacts: [Artifact]) {
    self.json = json
    self.artifacts = artifacts
  }
}
