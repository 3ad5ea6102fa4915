import ArgumentParser
import Glibc
import ProcessChild
import ProcessDriver
import SupervisionDriver
import WorkerKit

/// What a worker host is told, by a person or by its supervisor.
struct WorkerHostOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The data folder of a server.", valueName: "folder"))
  var data: String
  @Option(help: ArgumentHelp("The queues to take jobs from, with commas between.", valueName: "names"))
  var queues: String
  @Option(help: ArgumentHelp("How long a lease lasts: what the jobs of a killed host wait.", valueName: "seconds"))
  var lease = 15
  @Option(
    help: ArgumentHelp(
      "How much memory the picture program may have; a picture that needs more is a dead letter.",
      valueName: "mebibytes"))
  var pictureMemory = 2048

  func validate() throws {
    guard (256...65_536).contains(pictureMemory) else {
      throw ValidationError("--picture-memory is 256 to 65536 mebibytes.")
    }
    guard (1...3600).contains(lease) else { throw ValidationError("--lease is 1 to 3600 seconds.") }
    guard !queueNames.isEmpty else { throw ValidationError("--queues names queues, like media,default.") }
  }

  /// The queues, each once, in the order given.
  var queueNames: [QueueName] {
    var seen: Set<String> = []
    return queues.split(separator: ",").map { $0.filter { $0 != " " } }
      .filter { !$0.isEmpty && seen.insert($0).inserted }.map { QueueName($0) }
  }
}

/// `worker`: a small process that keeps a worker host running.
struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Run jobs in a process of its own, beside a server, and start another when it dies.",
    discussion: """
      The jobs are those of a server on the same machine and data folder; let it run with --no-work, or beside this. \
      Any number of workers may share a folder. Each is two processes: a host that does the work, and a small one that \
      starts it. When the host dies by itself, the small one logs how, notes it in DATA/crashes.jsonl (see \
      `millrace workers crashes`), and starts another: after 1 s, and later each time, up to 30 s.

      SIGTERM or SIGINT ends both: work may finish for a while, the rest is given back, and the exit code is 0.

      Examples:
        millrace serve --data ./data --pipelines ./pipelines --no-work
        millrace worker --data ./data --queues media,default
        millrace worker --data ./data --queues autosave --give-up 5
      """)

  @OptionGroup var options: WorkerHostOptions
  @Option(
    help: ArgumentHelp(
      "Give up, and exit 1, after so many hosts in a row that lived for less than a minute. Without it, never.",
      valueName: "deaths"))
  var giveUp: Int?

  /// How long a host may take to end: its grace, what runs on past it, and the closing of its files.
  private static let grace = Duration.seconds(45)

  func validate() throws {
    guard giveUp.map({ $0 >= 1 }) ?? true else { throw ValidationError("--give-up is at least 1.") }
  }

  func run() async throws {
    try ServerLog.check()
    let stop = Signal()
    let signals = StopSignals(raising: stop)
    defer { signals.cancel() }
    let data = DataFolder(at: options.data)
    // A folder that is there and empty is that of a server about to start; one that is not is a mistake in its name.
    guard data.exists else {
      throw CommandError.failed("there is no data folder \(options.data); name that of a server, or start one first")
    }
    let names = options.queueNames.map(\.rawValue).joined(separator: ",")
    let supervisor = Supervisor(
      program: Supervisor.Program(
        executable: OwnProgram.path,
        arguments: [
          WorkerHostProcess.name, "--data", data.absolutePath, "--queues", names, "--lease", String(options.lease),
          "--picture-memory", String(options.pictureMemory), "--parent", String(getpid()),
        ], environment: EnvironmentVariable.all, label: names),
      giveUpAfter: giveUp, grace: Self.grace, crashes: data.crashes, environment: .system, log: ServerLog.make())
    try tell(await supervisor.run(until: stop))
  }

  private func tell(_ end: Supervisor.End) throws(CommandError) {
    switch end {
    case .stopped(nil), .stopped(.exited(status: 0)): return
    case .stopped: throw .failed("the worker host did not end in order; what it worked on runs again")
    case .gaveUp(let deaths):
      throw .failed(
        "\(deaths) worker hosts in a row died within a minute; see the log, and millrace workers crashes --data "
          + options.data)
    case .refused: throw .usage("")
    case .notStarted(let failure): throw .failed("cannot start \(failure.path): \(failure.reason)")
    }
  }
}

/// `worker-host`: the process that a `worker` keeps running.
struct WorkerHostProcess: AsyncParsableCommand {
  static let name = "worker-host"
  static let configuration = CommandConfiguration(
    commandName: name, abstract: "Run jobs for the worker that started this process.", shouldDisplay: false)

  @OptionGroup var options: WorkerHostOptions
  @Option var parent: Int32

  func run() async throws {
    do throws(ChildSetupFailure) {
      try ChildLimits(parentProcess: parent).apply()
    } catch {
      throw CommandError.failed("the worker that started this host is gone")
    }
    let host = try await WorkerHost.open(
      data: DataFolder(joining: options.data), queues: options.queueNames, lease: .seconds(options.lease),
      pictureMemory: UInt64(options.pictureMemory) << 20)
    await host.run()
  }
}
