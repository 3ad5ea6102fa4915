internal import CSpawnShim
internal import Foundation
internal import Glibc
internal import Synchronization

/// A program that runs for long, beside the one that started it and not for it: it has this process's standard output
/// and standard error, a session of its own, and folder `/`.
public final class SupervisedProcess: Sendable {
  private struct State {
    /// Nil once the number may mean another process.
    var identifier: pid_t?
    var death: ChildDeath?
    var waiters: [CheckedContinuation<ChildDeath, Never>] = []
  }

  /// Its process number.
  public let identifier: Int32
  private let state: Mutex<State>

  private init(identifier: pid_t) {
    self.identifier = identifier
    state = Mutex(State(identifier: identifier))
  }

  /// Starts a program, with nothing on its standard input.
  ///
  /// A thread of its own starts it and waits for its end, so that the kernel's parent-death signal, for which the
  /// program may ask (`ChildLimits.parentProcess`), comes when this process ends and not before.
  public static func start(
    executable: String, arguments: [String], environment: [String: String]
  ) async throws(ChildStartFailure) -> SupervisedProcess {
    let result = await withCheckedContinuation { continuation in
      let thread = Thread {
        let started = spawn(executable, arguments, environment)
        continuation.resume(returning: started)
        if case .success(let process) = started { process.waitForEnd() }
      }
      thread.name = "supervised"
      thread.stackSize = 512 << 10
      thread.start()
    }
    return try result.get()
  }

  /// Sends a signal; one that has ended already gets none.
  public func signal(_ number: Int32) {
    state.withLock { state in
      if let identifier = state.identifier { _ = kill(identifier, number) }
    }
  }

  /// Returns when the program has ended.
  public func end() async -> ChildDeath {
    await withCheckedContinuation { continuation in
      let death = state.withLock { state in
        if state.death == nil { state.waiters.append(continuation) }
        return state.death
      }
      if let death { continuation.resume(returning: death) }
    }
  }

  private static func spawn(
    _ executable: String, _ arguments: [String], _ environment: [String: String]
  ) -> Result<SupervisedProcess, ChildStartFailure> {
    let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { return .failure(ChildStartFailure(path: executable, step: "open")) }
    defer { close(input) }
    var identifier: pid_t = 0
    let result = withCStrings([executable] + arguments) { arguments in
      withCStrings(environment.map { "\($0.key)=\($0.value)" }.sorted()) { environment in
        millrace_spawn(&identifier, executable, arguments, environment, input, STDOUT_FILENO, STDERR_FILENO)
      }
    }
    guard result == 0 else {
      return .failure(ChildStartFailure(path: executable, step: "spawn", errorNumber: result))
    }
    return .success(SupervisedProcess(identifier: identifier))
  }

  private func waitForEnd() {
    let memory = MemoryEvidence(child: identifier)
    var information = siginfo_t()
    // Leaves the dead process in the table, so that its number cannot mean another one while it may get a signal.
    while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    state.withLock { $0.identifier = nil }
    _ = kill(-identifier, SIGKILL)
    var status: Int32 = 0
    var usage = rusage()
    while wait4(identifier, &status, 0, &usage) < 0, errno == EINTR {}
    let death = ChildDeath(
      ending: ChildEnding(waitStatus: status), peakMemoryBytes: memory.peak(reported: usage.ru_maxrss << 10),
      cpuSeconds: usage.processorSeconds, stderrTail: "")
    let waiters = state.withLock { state in
      state.death = death
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume(returning: death) }
  }
}

extension rusage {
  /// User and system time together.
  var processorSeconds: Double {
    Double(ru_utime.tv_sec + ru_stime.tv_sec) + Double(ru_utime.tv_usec + ru_stime.tv_usec) / 1e6
  }
}
