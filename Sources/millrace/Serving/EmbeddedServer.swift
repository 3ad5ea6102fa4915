import Dispatcher
import Logging
import SQLiteDriver
import WorkerKit

/// Everything in one process, over one data folder.
struct EmbeddedServer {
  private let data: DataFolder
  private let embedded: SQLiteEmbedded
  private let api: APIServer
  private let router: EventRouter
  private let reconciler: Reconciler
  private let pruner: Pruner
  private let workers: StandardWorkers
  private let services: HostServices
  private let pipelines: PipelineSet
  private let lease: Duration

  /// Opens the data folder, activates the pipelines and brings the queue up to date; `run` starts to serve.
  static func open(
    data: DataFolder, options: APIOptions, pipelines folder: String?, lease: Duration, pictureMemory: UInt64
  ) async throws -> EmbeddedServer {
    let (environment, log) = (Environment.system, ServerLog.make())
    do {
      let embedded = try SQLiteEmbedded(path: data.database, environment: environment)
      let workers = try await StandardWorkers(
        data: data, database: embedded.database, pictureMemory: pictureMemory)
      let registry = try workers.registry()
      let library = PipelineLibrary()
      let schemas = try EventSchemaFiles.schemas(of: folder)
      library.use(schemas)
      let activation = PipelineActivation(store: embedded.store, registry: registry, schemas: schemas)
      let pipelines = try await activation.activate(folder: folder)
      try await QueueRecovery(store: embedded.store, queue: embedded.queue).open()
      let services = HostServices(
        store: embedded.store, queue: embedded.queue, registry: registry, library: library, environment: environment,
        metrics: Metrics(), log: log, objects: workers.objects)
      return EmbeddedServer(
        data: data, embedded: embedded, workers: workers, services: services, options: options, pipelines: pipelines,
        lease: lease)
    } catch let error as DriverError {
      throw CommandError.failed("cannot open the data folder \(data.path): \(error)")
    } catch let error as Failure {
      throw CommandError.failed("cannot open the data folder \(data.path): \(error.message)")
    }
  }

  private init(
    data: DataFolder, embedded: SQLiteEmbedded, workers: StandardWorkers, services: HostServices, options: APIOptions,
    pipelines: PipelineSet, lease: Duration
  ) {
    let (environment, arrivals) = (services.environment, services.emitted)
    let pulse = Pulse(time: environment.time)
    let planner = Planner(registry: services.registry, environment: environment)
    self.data = data
    self.embedded = embedded
    self.pipelines = pipelines
    self.lease = lease
    self.workers = workers
    self.services = services
    router = EventRouter(
      store: services.store, queue: services.queue, plan: services.library.routePlanner(pipelines, planner: planner),
      arrivals: arrivals, pulse: pulse, environment: environment, log: services.log)
    reconciler = Reconciler(
      store: services.store, queue: services.queue, environment: environment, metrics: services.metrics,
      log: services.log)
    pruner = Pruner(
      store: services.store, policy: RetentionPolicy(), environment: environment, metrics: services.metrics,
      log: services.log)
    let checks =
      [
        ReadinessCheck("pipelines") {
          pipelines.pipelines.isEmpty
            ? "No pipeline is active, so that events wait; serve with --pipelines FOLDER." : nil
        },
        ReadinessCheck("data folder") { data.problem() },
      ] + (pipelines.pipelines.isEmpty ? [] : [ReadinessCheck.pulse("router", of: pulse)])
    api = APIServer(
      options: options,
      services: APIServices(
        store: services.store, queue: services.queue, library: services.library, planner: planner,
        environment: environment, metrics: services.metrics, log: services.log, arrivals: arrivals, checks: checks),
      extensions: workers.extensions)
  }

  /// Serves until a signal asks it to stop, and then until what runs has ended or was given back.
  func run() async throws {
    let stop = Signal()
    let signals = StopSignals(raising: stop)
    defer { signals.cancel() }
    try await withThrowingTaskGroup(of: Void.self) { loops in
      // An event that is routed while there is no pipeline at all would start nothing, for good; so it waits instead.
      if !pipelines.pipelines.isEmpty { loops.addTask { await router.run() } }
      loops.addTask { await reconciler.run() }
      loops.addTask { await pruner.run() }
      async let working: Void = workers.run(services, pipelines, lease: lease, until: stop)
      try await serveAPI(until: stop)
      await working
      loops.cancelAll()
    }
    await embedded.database.close()
  }

  private func serveAPI(until stop: Signal) async throws {
    do {
      try await api.run(until: stop) { address in
        Console.write(
          "millrace is listening on \(address) (data: \(data.path), pipelines: \(pipelines.pipelines.count))")
        if pipelines.pipelines.isEmpty {
          Console.complain("warning: no pipeline is active; events are kept and wait until one is (--pipelines FOLDER)")
        }
      }
    } catch let error as ListenError {
      throw CommandError.failed(error.description)
    }
  }
}
