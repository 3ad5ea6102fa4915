internal import Glibc
public import Logging
public import ProcessDriver
public import WorkerKit

/// Keeps one process of a program running: starts another when it dies by itself, and records how it died.
public struct Supervisor: Sendable {
  /// The program, and what it is told.
  public struct Program: Sendable {
    /// Its absolute path.
    public var executable: String
    /// Its arguments.
    public var arguments: [String]
    /// Its whole environment.
    public var environment: [String: String]
    /// What it works on, for records.
    public var label: String

    /// Describes a program.
    public init(executable: String, arguments: [String], environment: [String: String], label: String) {
      self.executable = executable
      self.arguments = arguments
      self.environment = environment
      self.label = label
    }
  }

  /// How supervising ended.
  public enum End: Sendable, Equatable {
    /// It was asked to stop, and the process ended in this way; nil where none ran at that moment.
    case stopped(ChildEnding?)
    /// So many processes in a row died too soon.
    case gaveUp(quickDeaths: Int)
    /// The program says that it was called wrongly: another call would be no better.
    case refused
    /// The program cannot be started at all.
    case notStarted(ChildStartFailure)
  }

  private let program: Program
  private let giveUpAfter: Int?
  private let grace: Duration
  private let crashes: CrashFile
  private let environment: Environment
  private let log: Logger

  /// The exit code by which a program refuses its arguments.
  private static let wrongUsage: Int32 = 2

  /// Prepares to supervise.
  /// - Parameters:
  ///   - program: What to run.
  ///   - giveUpAfter: After how many quick deaths in a row to give up; nil for never.
  ///   - grace: How long the program may take to end when it is asked to; then it is killed.
  ///   - crashes: Where deaths are noted.
  ///   - environment: The world.
  ///   - log: Where deaths are told of.
  public init(
    program: Program, giveUpAfter: Int?, grace: Duration, crashes: CrashFile, environment: Environment, log: Logger
  ) {
    self.program = program
    self.giveUpAfter = giveUpAfter
    self.grace = grace
    self.crashes = crashes
    self.environment = environment
    self.log = log
  }

  /// Supervises until `stop` is raised and the process has ended, or until there is nothing more to try.
  public func run(until stop: Signal) async -> End {
    var backoff = RestartBackoff(giveUpAfter: giveUpAfter)
    var restarts = 0
    while true {
      let startedAt = environment.time.monotonic
      let process: SupervisedProcess
      do throws(ChildStartFailure) {
        process = try await SupervisedProcess.start(
          executable: program.executable, arguments: program.arguments, environment: program.environment)
      } catch {
        return .notStarted(error)
      }
      let death = await end(of: process, or: stop)
      if stop.count > 0 { return .stopped(death.ending) }
      if death.ending == .exited(status: Self.wrongUsage) { return .refused }
      let lifetime = environment.time.monotonic - startedAt
      await record(
        HostDeath(
          death, of: process.identifier, at: environment.time.now, lifetime: lifetime, restarts: restarts,
          label: program.label))
      switch backoff.next(afterLifetime: lifetime) {
      case .giveUp(let quickDeaths): return .gaveUp(quickDeaths: quickDeaths)
      case .restart(let wait): await stop.wait(after: 0, atMost: wait, on: environment.time)
      }
      if stop.count > 0 { return .stopped(nil) }
      restarts += 1
    }
  }

  /// Returns when the process has ended, by itself or because `stop` was raised.
  private func end(of process: SupervisedProcess, or stop: Signal) async -> ChildDeath {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await stop.wait(after: 0)
        guard stop.count > 0 else { return }
        process.signal(SIGTERM)
        do { try await environment.time.sleep(for: grace) } catch { return }
        process.signal(SIGKILL)
      }
      let death = await process.end()
      group.cancelAll()
      return death
    }
  }

  private func record(_ death: HostDeath) async {
    var fields: [LogKey: String] = [
      .process: String(death.process), .restarts: String(death.restarts), .queue: death.label,
      .durationMilliseconds: String(death.lifetime.milliseconds),
    ]
    fields[.signal] = death.signal
    fields[.exitStatus] = death.exitStatus.map { String($0) }
    fields[.peakMemoryBytes] = death.peakMemoryBytes.map { String($0) }
    log.log(.error, "A worker host died.", fields)
    do throws(Failure) { try await crashes.append(death.json) } catch {
      log.log(
        .error, "The death of a worker host could not be noted.", [.failureCode: error.code, .path: crashes.path])
    }
  }
}
