public import Logging
public import WorkerKit

/// Which program runs isolated jobs, and how.
public struct IsolatedProgramConfiguration: Sendable {
  /// The program's absolute path. It serves with `IsolatedChild`.
  public var executable: String
  /// Its arguments. Anybody on the machine can read them: no secrets.
  public var arguments: [String]
  /// Its whole environment beside what every child has; nothing of this process's is inherited.
  public var environment: [String: String]
  /// A folder of this process's own, in which each job gets one while it runs.
  public var temporaryFolder: String
  /// The most processes at once, for each set of walls.
  public var width: Int
  /// After how many jobs a process is replaced.
  public var jobsPerChild: Int
  /// Where the world comes from.
  public var world: Environment
  /// Where the lines go that workers log in their processes.
  public var log: Logger

  /// Describes a program whose processes are replaced after 100 jobs.
  public init(
    executable: String, arguments: [String], environment: [String: String] = [:], temporaryFolder: String, width: Int,
    jobsPerChild: Int = 100, world: Environment, log: Logger
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.temporaryFolder = temporaryFolder
    self.width = width
    self.jobsPerChild = jobsPerChild
    self.world = world
    self.log = log
  }
}
