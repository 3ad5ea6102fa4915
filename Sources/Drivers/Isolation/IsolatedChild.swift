internal import Dispatch
import DriverThreads
internal import Glibc
import Logging
import ProcessChild
import Synchronization
public import WorkerKit

/// The other side of `IsolatedProgram`: a process that does one job after another, for as long as its parent asks.
public struct IsolatedChild: Sendable {
  /// Gives the registry that holds a worker; asked once for each job.
  public typealias Workers = @Sendable (WorkerName) async throws -> WorkerRegistry

  private let environment: Environment
  private let workers: Workers

  /// Prepares to serve with these workers.
  public init(environment: Environment, workers: @escaping Workers) {
    self.environment = environment
    self.workers = workers
  }

  /// Binds this process to the walls in its arguments, and serves until the parent closes the pipe.
  /// - Returns: The code to exit with.
  public func serve(arguments: [String]) async -> Int32 {
    do throws(ChildSetupFailure) {
      try ChildLimits(arguments: arguments).apply()
    } catch {
      return ExitStatus.unready
    }
    // A write past the largest file fails in the job's own sight. Swift's threads would not get this signal anyway.
    signal(SIGXFSZ, SIG_IGN)
    let use = ChildUse()
    // The loop blocks, so it has a thread of its own.
    return await WorkThread(name: "isolated-jobs").run { loop(use) } ?? ExitStatus.unready
  }

  private func loop(_ use: ChildUse) -> Int32 {
    do {
      try ChildLoop().run { request in wait { await answer(request, use) } }
      return 0
    } catch {
      return ExitStatus.unready
    }
  }

  private func answer(_ bytes: [UInt8], _ use: ChildUse) async -> [UInt8] {
    guard let request = IsolationRequest(bytes) else {
      return IsolationAnswer(result: .failed(IsolationEvidence.unreadable), lines: []).bytes(keepingChild: false)
    }
    let log = IsolatedLog()
    let result = await perform(request, log)
    // Temporary files of the next job are not to land in a folder that is gone.
    chdir("/")
    let isClean = if case .returned = result { true } else { false }
    let hasGrown = use.hasGrown(to: ChildUsage.residentBytes, of: request.memoryBytes)
    return IsolationAnswer(result: result, lines: log.lines).bytes(keepingChild: isClean && !hasGrown)
  }

  private func perform(_ request: IsolationRequest, _ log: IsolatedLog) async -> AttemptResult {
    // No job runs at this moment, so nobody reads the environment.
    setenv("TMPDIR", request.folder, 1)
    do {
      guard chdir(request.folder) == 0 else {
        throw Failure(.transient, "isolation_folder", "The job's temporary folder cannot be entered.")
      }
      try ChildUsage.allowProcessorTime(seconds: UInt64(request.cpuSeconds))
      let registry = try await workers(request.work.worker)
      return await request.work.perform(with: registry, environment: environment, log: log.logger())
    } catch let failure as Failure {
      return .failed(failure)
    } catch let error as DriverError {
      return .failed(Failure(driver: error))
    } catch {
      return .failed(Failure(unclassified: error))
    }
  }

  /// Blocks this thread, which is the loop's own, until `body` has answered.
  private func wait(_ body: @escaping @Sendable () async -> [UInt8]) -> [UInt8] {
    let answer = LateAnswer()
    Task.detached { answer.give(await body()) }
    return answer.wait()
  }
}

/// Bytes that one thread waits for and a task gives.
private final class LateAnswer: Sendable {
  private let given = DispatchSemaphore(value: 0)
  private let bytes = Mutex([UInt8]())

  func give(_ answer: [UInt8]) {
    bytes.withLock { $0 = answer }
    given.signal()
  }

  func wait() -> [UInt8] {
    given.wait()
    return bytes.withLock { $0 }
  }
}
