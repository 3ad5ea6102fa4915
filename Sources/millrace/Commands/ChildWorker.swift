import ArgumentParser
import Glibc
import IsolationDriver
import WorkerKit

/// `child-worker`: a process for isolated jobs, started by a host and by nobody else.
struct ChildWorker: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: IsolatedJobs.command, abstract: "Run isolated jobs for the host that started this process.",
    shouldDisplay: false)

  // The walls are not ArgumentParser's to read: they are applied before anything else is.
  @Argument(parsing: .captureForPassthrough)
  var arguments: [String] = []

  func run() async throws {
    guard let path = ChildArgument.value(ChildArgument.data, in: arguments),
      let memory = ChildArgument.value(ChildArgument.pictureMemory, in: arguments).flatMap(UInt64.init)
    else { throw CommandError.usage("child-worker is started by a host; see millrace worker --help") }
    let environment = Environment.system
    let workers = ChildWorkers(data: DataFolder(at: path), pictureMemory: memory, environment: environment)
    let child = IsolatedChild(environment: environment) { name in try await workers.registry(for: name) }
    Glibc.exit(await child.serve(arguments: arguments))
  }
}
