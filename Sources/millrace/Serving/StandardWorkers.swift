import AutosaveWorker
import CallWorker
import Dispatcher
import DriverThreads
import FoundationEssentials
import IsolationDriver
import MediaWorker
import ObjectStorageDriver
import PostgreSQLDriver
import Tracing
import WorkerKit

/// The workers of a server with what they work with, and the host that runs them.
struct StandardWorkers {
  let objects: any ObjectStore
  private let shelf: any RevisionShelf
  private let hasServers: Bool
  private let imaging: ImagingProgram
  /// Runs the jobs of stages that ask for a process of their own.
  let isolated: IsolatedProgram
  private let folder: PrivateScratch
  private let scratch: ScratchFolder
  private let call: CallWorker

  /// The tables that workers bring to a PostgreSQL database.
  static let tables: [PostgresMigrations] = [.autosave]

  /// Every worker that there is, for checks where nothing is run.
  static func known() throws(RegistryError) -> WorkerRegistry {
    var registry = WorkerRegistry()
    try registry.describe(CallWorker.self)
    try registry.describe(PersistWorker.self)
    try registry.describe(ThumbnailsWorker.self)
    return registry
  }

  /// Opens what the workers keep in a data folder.
  /// - Throws: A `Failure` or a `DriverError` when something in the folder cannot be made or opened, a `CommandError`
  ///   when a variable is not what it should be.
  init(data: DataFolder, stores: Stores, pictureMemory: UInt64, tracer: (any Tracer)? = nil) throws {
    // Looked up each time: a server that starts again may have another address.
    let note = data.serverNote
    call = try CallWorker(allowing: Self.allowedHosts()) { (try? ServerNote.read(at: note))?.publicURL }
    let stored = try FolderObjectStore(root: data.objects)
    objects = tracer.map { TracedObjectStore(stored, tracer: $0, time: SystemTime()) } ?? stored
    folder = try PrivateScratch(in: data.scratch, named: Environment.system.id())
    scratch = try ScratchFolder(root: "\(folder.path)/pictures")
    isolated = IsolatedJobs.program(
      data: data, scratch: folder, pictureMemory: pictureMemory, environment: .system, log: ServerLog.make())
    shelf = stores.shelf
    hasServers = stores.gate != nil
    imaging = ImagingProgram(executable: ImagingLocation.path, width: Self.processors, memory: pictureMemory)
  }

  /// The hosts that `http.call` may call although their addresses are not public.
  static func allowedHosts() throws(CommandError) -> AllowedHosts {
    guard let text = EnvironmentVariable.allowedHosts.value else { return .none }
    do throws(AllowedHostsError) { return try AllowedHosts(text) } catch {
      throw .usage("\(EnvironmentVariable.allowedHosts.rawValue): \(error)")
    }
  }

  /// Every worker that a server has.
  func registry() throws(RegistryError) -> WorkerRegistry {
    var registry = WorkerRegistry()
    try registry.register(call)
    // A process of its own is told no password, so that it could not reach a database.
    try registry.register(PersistWorker(shelf: shelf), isIsolable: !hasServers)
    try registry.register(ThumbnailsWorker(objects: objects, program: imaging, scratch: scratch))
    return registry
  }

  /// What workers add to the API.
  var extensions: [any APIExtension] { [RevisionRoutes(shelf: shelf)] }

  /// Runs a host for every queue that workers, active stages and waiting jobs name, until `stop` is raised and what
  /// runs has ended. A queue that a newly activated stage names is served at once.
  func run(_ services: HostServices, _ active: ActivePipelines, lease: Duration, until stop: Signal) async {
    // Jobs of runs that began on an older revision may wait in a queue that nothing active names any more.
    let waiting = (try? await services.queue.depths().map(\.queue)) ?? []
    let queues = Set([QueueName.standard] + services.registry.all.map(\.queue) + waiting)
    await run(services, queues: queues, active, lease: lease, until: stop)
  }

  /// Runs a host for these queues, and for those that active stages name where there are such, until `stop` is raised
  /// and what runs has ended.
  func run(
    _ services: HostServices, queues: Set<QueueName>, _ active: ActivePipelines? = nil, lease: Duration,
    until stop: Signal
  ) async {
    let ticker = KeeperThread(interval: min(.milliseconds(250), lease / 10))
    let host = Host(
      configuration: HostConfiguration(
        id: HostID(services.environment.id()), lanes: queues.sorted().map(Self.lane), leaseLength: lease),
      services: services, ticker: ticker)
    async let hosting: Void = host.run()
    await withTaskGroup(of: Void.self) { group in
      if let active {
        group.addTask { await active.forEach { _ in for queue in active.queues { host.add(Self.lane(queue)) } } }
      }
      await stop.wait(after: 0)
      group.cancelAll()
    }
    host.stop()
    await hosting
    ticker.close()
    await isolated.close()
    await imaging.close()
  }

  private static let processors = max(1, ProcessInfo.processInfo.activeProcessorCount)

  /// Pictures keep a processor busy each, with one more on its way in or out; everything else mostly waits.
  private static func lane(_ queue: QueueName) -> HostLane {
    HostLane(queue: queue, concurrency: queue == ThumbnailsWorker.queue ? processors + 1 : 64)
  }
}

/// Where the picture program is: beside this program, or where `MILLRACE_IMAGING` says.
enum ImagingLocation {
  static var path: String {
    if let path = EnvironmentVariable.imaging.value { return path }
    return OwnProgram.path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/millrace-imaging"
  }
}
