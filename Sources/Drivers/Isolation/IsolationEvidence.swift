import ProcessDriver
import WorkerKit

/// Turns the end of a process into the failure of the one job that it was working on.
enum IsolationEvidence {
  static let unreadable = Failure(
    .transient, "isolation_unreadable",
    "The process of the job answered with something else; see that the program was not replaced while it ran.")

  /// The error of a job whose process gave no answer.
  static func error(for failure: ChildFailure, within policy: IsolationPolicy) -> any Error {
    switch failure {
    case .cancelled, .closed: CancellationError()
    case .notStarted(let start):
      Failure(
        .transient, "isolation_not_started", "No process can be started for the job.",
        fields: ["path": start.path, "step": start.step, "error": start.reason])
    case .died(let death): crash(death, within: policy)
    case .deadline(let death):
      Failure(
        .deadline, "isolation_deadline", "The job ran past the time that its stage allows, and its process was killed.",
        fields: death.evidence)
    case .protocolViolation:
      Failure(
        .permanent, "isolation_protocol",
        "The job is too large for a process of its own, or its process broke off the answer and was killed.")
    }
  }

  private static func crash(_ death: ChildDeath, within policy: IsolationPolicy) -> Failure {
    var fields = death.evidence
    switch death.ending {
    case .exited(ExitStatus.unready):
      return Failure(
        .transient, "isolation_unready", "The process of the job could not bind itself to its walls.", fields: fields)
    case .signalled(_, "SIGXCPU"):
      fields["limit"] = String(policy.cpuSeconds)
      return Failure(
        .crash, "isolation_cpu_limit", "The job used more processor time than its stage allows, and its process died.",
        fields: fields)
    case _ where isOutOfMemory(death, within: policy):
      fields["limit"] = String(policy.memoryBytes)
      return Failure(
        .crash, "isolation_memory_limit", "The job needed more memory than its stage allows, and its process died.",
        fields: fields)
    case .exited:
      return Failure(
        .crash, "isolation_exited", "The process of the job ended by itself while it worked on it.", fields: fields)
    case .signalled, .unreaped:
      return Failure(.crash, "isolation_died", "The process of the job died while it worked on it.", fields: fields)
    }
  }

  /// A process without memory ends itself in the ways of whoever asked for it; what tells it apart is how much it had,
  /// or the last words of Swift's, C++'s or C's own libraries. The words decide between two codes and are kept nowhere.
  private static func isOutOfMemory(_ death: ChildDeath, within policy: IsolationPolicy) -> Bool {
    guard case .signalled = death.ending else { return false }
    if let peak = death.peakMemoryBytes, peak >= nearly(policy.memoryBytes) { return true }
    return lastWords.contains { death.stderrTail.contains($0) }
  }

  /// How much memory a process has that has none left: what is limited is its address space, of which C's library sets
  /// 64 MiB aside for each of the first threads that allocate, used or not.
  private static func nearly(_ limit: Int) -> Int { max(limit / 2, min(limit / 4 * 3, limit - (192 << 20))) }

  private static let lastWords = ["Could not allocate memory", "std::bad_alloc", "Cannot allocate memory"]
}

/// The exit codes of a process for isolated jobs.
enum ExitStatus {
  /// It could not bind itself to its walls, and has read nothing: no job is to blame.
  static let unready: Int32 = 70
}
