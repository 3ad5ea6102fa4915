import Logging
import ProcessChild
import ProcessDriver
public import WorkerKit

/// Runs jobs in processes of a program that serves with `IsolatedChild`: one job at a time in each.
///
/// A process is used for many jobs with the same walls. It is replaced after its share of jobs, after one that failed,
/// and when its memory has grown. It must be closed; until then its processes live.
public final class IsolatedProgram: IsolatedRunner {
  private let configuration: IsolatedProgramConfiguration
  private let pools: IsolatedPools
  private let folders: JobFolders

  /// Describes the processes; the first job of a set of walls starts one.
  public init(configuration: IsolatedProgramConfiguration) {
    self.configuration = configuration
    pools = IsolatedPools { policy in Self.pool(configuration, within: policy) }
    folders = JobFolders(root: configuration.temporaryFolder)
  }

  public func run(_ work: IsolatedWork, within policy: IsolationPolicy) async throws -> IsolatedOutput {
    let folder = try await folders.make(
      named: "\(work.job)-\(work.authority.fence.rawValue)-\(configuration.world.id())")
    let result: Result<IsolatedOutput, any Error>
    do { result = .success(try await run(work, in: folder, within: policy)) } catch { result = .failure(error) }
    await folders.remove(folder)
    return try result.get()
  }

  /// Ends the processes; jobs under way are cancelled.
  public func close() async { await pools.close() }

  private func run(_ work: IsolatedWork, in folder: String, within policy: IsolationPolicy) async throws
    -> IsolatedOutput
  {
    let request = IsolationRequest(work: work, folder: folder, policy: policy).bytes
    let bytes: [UInt8]
    let pool = await pools.take(policy)
    do throws(ChildFailure) {
      bytes = try await pool.call(request, deadline: work.deadline) { IsolationAnswer.keepsChild($0) }
    } catch {
      pools.giveBack(policy)
      throw IsolationEvidence.error(for: error, within: policy)
    }
    pools.giveBack(policy)
    guard let answer = IsolationAnswer(bytes) else { throw IsolationEvidence.unreadable }
    for line in answer.lines { line.write(to: configuration.log) }
    switch answer.result {
    case .returned(let output, let artifacts):
      return IsolatedOutput(json: try JSONReader.parse(output), artifacts: artifacts)
    case .failed(let failure): throw failure
    case .cancelled, .awaits: throw CancellationError()
    }
  }

  private static func pool(_ configuration: IsolatedProgramConfiguration, within policy: IsolationPolicy) -> ChildPool {
    let limits = ChildLimits(
      addressSpaceBytes: UInt64(policy.memoryBytes), fileSizeBytes: UInt64(policy.fileBytes),
      openFiles: UInt64(policy.openFiles))
    // Each of glibc's arenas reserves 64 MiB of address space, which is what is bounded here.
    let standard = ChildPoolConfiguration.standardEnvironment.merging(["MALLOC_ARENA_MAX": "2"]) { _, new in new }
    return ChildPool(
      configuration: ChildPoolConfiguration(
        executable: configuration.executable, arguments: configuration.arguments,
        environment: standard.merging(configuration.environment) { _, given in given },
        width: configuration.width, requestsPerChild: configuration.jobsPerChild, limits: limits))
  }
}
