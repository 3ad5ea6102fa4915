import ArgumentParser
import Glibc
import ProcessChild
import ProcessDriver
import RedisDriver
import SupervisionDriver
import WorkerKit

/// What a worker host is told, by a person or by its supervisor.
struct WorkerHostOptions: ParsableArguments {
  @OptionGroup var stores: StoreOptions
  @Option(
    help: ArgumentHelp(
      "The data folder of a server, or the one that processes beside servers share.", valueName: "folder"))
  var data: String
  @Option(
    help: ArgumentHelp(
      "The queues to take jobs from, with commas between. With --database, every queue where none are named.",
      valueName: "names"))
  var queues: String?
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
    guard queueNames?.isEmpty != true else { throw ValidationError("--queues names queues, like media,default.") }
  }

  /// The queues, each once, in the order given.
  var queueNames: [QueueName]? {
    var seen: Set<String> = []
    return queues?.split(separator: ",").map { $0.filter { $0 != " " } }
      .filter { !$0.isEmpty && seen.insert($0).inserted }.map { QueueName($0) }
  }

  /// The servers; nil where the store is in the data folder.
  func servers() throws(CommandError) -> StoreServers? {
    let servers = try stores.servers()
    guard servers != nil || queues != nil else {
      throw .usage("Say which queues to take jobs from: --queues media,default.")
    }
    return servers
  }
}

/// `worker`: a small process that keeps a worker host running.
struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Run jobs in a process of its own, beside a server, and start another when it dies.",
    discussion: """
      The jobs are those of a server on the same machine and data folder; let it run with --no-work, or beside this. \
      With --database, and --queue, they are those of every dispatcher on the same servers, and the data folder holds \
      the stored objects alone. Any number of workers may share a folder. Each is two processes: a host that \
      does the work, and a small one that starts it. When the host dies by itself, the small one logs how, notes it in \
      DATA/crashes.jsonl (see `millrace workers crashes`), and starts another: after 1 s, and later each time, up to \
      30 s.

      SIGTERM or SIGINT ends both: work may finish for a while, the rest is given back, and the exit code is 0.

      Examples:
        millrace serve --data ./data --pipelines ./pipelines --no-work
        millrace worker --data ./data --queues media,default
        millrace worker --data ./data --queues autosave --give-up 5
        millrace worker --data ./data --database … --queue …
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
    let servers = try options.servers()
    if let servers { try await refuseMistakes(servers) }
    let data = servers == nil ? DataFolder(at: options.data) : try DataFolder(options.data, shared: true)
    // A folder that is there and empty is that of a server about to start; one that is not is a mistake in its name.
    guard data.exists else {
      throw CommandError.failed("there is no data folder \(options.data); name that of a server, or start one first")
    }
    let names = options.queueNames?.map(\.rawValue).joined(separator: ",")
    let supervisor = Supervisor(
      program: Supervisor.Program(
        executable: OwnProgram.path,
        arguments: [
          WorkerHostProcess.name, "--data", data.absolutePath, "--lease", String(options.lease),
          "--picture-memory", String(options.pictureMemory), "--parent", String(getpid()),
        ] + (names.map { ["--queues", $0] } ?? []),
        // Addresses may hold passwords, and arguments can be seen by others.
        environment: EnvironmentVariable.all.merging(servers?.variables ?? [:]) { $1 },
        label: names ?? "every queue"),
      giveUpAfter: giveUp, grace: Self.grace, crashes: data.crashes, environment: .system, log: ServerLog.make())
    try tell(await supervisor.run(until: stop))
  }

  /// Ends before anything is started where a person has to mend something.
  private func refuseMistakes(_ servers: StoreServers) async throws(CommandError) {
    let (environment, log) = (Environment.system, ServerLog.make())
    let redis = servers.queue.redis.map { RedisQueue($0, environment: environment) }
    let problem: CommandError?
    do throws(DriverError) {
      try await ServerGate(servers: servers, redis: redis, environment: environment, log: log).refuseMistakes()
      problem = nil
    } catch {
      problem = .failed(error.description)
    }
    await redis?.close()
    if let problem { throw problem }
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
    let servers = try options.servers()
    let data = servers == nil ? try DataFolder(joining: options.data) : try DataFolder(options.data, shared: true)
    let host = try await WorkerHost.open(
      data: data, servers: servers, queues: options.queueNames, lease: .seconds(options.lease),
      pictureMemory: UInt64(options.pictureMemory) << 20)
    try await host.run()
  }
}
