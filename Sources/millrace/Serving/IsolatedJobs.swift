import FoundationEssentials
import IsolationDriver
import Logging
import WorkerKit

/// The processes of this program in which isolated jobs run: `millrace child-worker`.
enum IsolatedJobs {
  /// The hidden command that serves in such a process.
  static let command = "child-worker"

  /// Describes the processes of a host.
  static func program(
    data: DataFolder, scratch: PrivateScratch, pictureMemory: UInt64, environment: Environment, log: Logger
  ) -> IsolatedProgram {
    // No secrets among them: every variable is read by one worker, and this one needs it to do what the host would.
    let variables = [EnvironmentVariable.allowedHosts, .imaging].compactMap { variable in
      variable.value.map { (variable.rawValue, $0) }
    }
    return IsolatedProgram(
      configuration: IsolatedProgramConfiguration(
        executable: OwnProgram.path,
        arguments: [
          command, "\(ChildArgument.data)\(data.absolutePath)", "\(ChildArgument.pictureMemory)\(pictureMemory)",
        ],
        environment: Dictionary(uniqueKeysWithValues: variables),
        // The process works in its job's folder, from which a relative path leads elsewhere.
        temporaryFolder: AbsolutePath.of("\(scratch.path)/jobs"),
        width: max(2, ProcessInfo.processInfo.activeProcessorCount), world: environment, log: log))
  }
}

/// What the hidden command is told; the walls follow in arguments of their own.
enum ChildArgument {
  static let data = "--data="
  static let pictureMemory = "--picture-memory="

  /// The value of an argument, where it was given.
  static func value(_ prefix: String, in arguments: [String]) -> String? {
    arguments.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
  }
}

/// Where this program is, whatever it was called by.
enum OwnProgram {
  static var path: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }
}
