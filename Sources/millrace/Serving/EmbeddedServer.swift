import Dispatcher
import Logging
import SQLiteDriver
import TracingDriver
import WorkerKit

/// Everything in one process, over one data folder.
struct EmbeddedServer {
  private let data: DataFolder
  private let embedded: SQLiteEmbedded
  private let api: APIServer
  private let router: EventRouter
  private let reconciler: Reconciler
  private let pruner: Pruner
  private let scheduler: Scheduler
  private let workers: StandardWorkers
  private let services: HostServices
  private let active: ActivePipelines
  private let activator: PipelineActivator
  private let lease: Duration
  private let works: Bool
  private let tracing: ServerTracing?
  private let note: ServerNote

  /// Opens the data folder, activates the pipelines and brings the queue up to date; `run` starts to serve.
  static func open(
    data: DataFolder, options: APIOptions, publicURL: String?, pipelines folder: String?, lease: Duration,
    pictureMemory: UInt64, works: Bool, retention: RetentionPolicy
  ) async throws -> EmbeddedServer {
    let (environment, log, metrics) = (Environment.system, ServerLog.make(), Metrics())
    do {
      let embedded = try SQLiteEmbedded(path: data.database, environment: environment)
      let tracing = try ServerTracing.open(data: data, environment: environment, metrics: metrics, log: log)
      let workers = try await StandardWorkers(
        data: data, database: embedded.database, pictureMemory: pictureMemory, tracer: tracing?.tracer)
      let registry = try workers.registry()
      let library = PipelineLibrary()
      library.use(try EventSchemaFiles.schemas(of: folder))
      let active = ActivePipelines(library: library)
      // A program without workers can check everything but them.
      let activator = PipelineActivator(
        folder: folder.map { PipelineFolder($0) }, name: PipelineActivation.name, store: embedded.store,
        active: active, library: library, registry: registry.names.isEmpty ? nil : registry,
        environment: environment, log: log)
      try await PipelineActivation.open(activator)
      try await QueueRecovery(store: embedded.store, queue: embedded.queue).open()
      let services = HostServices(
        store: embedded.store, queue: embedded.queue, registry: registry, library: library, environment: environment,
        metrics: metrics, log: log, objects: workers.objects, isolated: workers.isolated, tracer: tracing?.tracer,
        callbacks: try CallbackKeyFile.open(at: data.callbackKey))
      return EmbeddedServer(
        data: data, embedded: embedded, workers: workers, services: services, options: options, active: active,
        activator: activator, lease: lease, works: works, tracing: tracing, retention: retention,
        note: ServerNote(publicURL: publicURL, pipelines: folder.map(AbsolutePath.of)))
    } catch let error as DriverError {
      throw CommandError.failed("cannot open the data folder \(data.path): \(error)")
    } catch let error as Failure {
      throw CommandError.failed("cannot open the data folder \(data.path): \(error.message)")
    }
  }

  private init(
    data: DataFolder, embedded: SQLiteEmbedded, workers: StandardWorkers, services: HostServices, options: APIOptions,
    active: ActivePipelines, activator: PipelineActivator, lease: Duration, works: Bool,
    tracing: ServerTracing?, retention: RetentionPolicy, note: ServerNote
  ) {
    let (environment, arrivals) = (services.environment, services.emitted)
    let pulse = Pulse(time: environment.time)
    let planner = Planner(
      registry: services.registry, environment: environment, isTraced: services.tracer != nil)
    self.data = data
    self.embedded = embedded
    self.active = active
    self.activator = activator
    self.lease = lease
    self.works = works
    self.tracing = tracing
    self.note = note
    self.workers = workers
    self.services = services
    router = EventRouter(
      store: services.store, queue: services.queue, plan: active.routePlanner(planner),
      next: services.library.settlePlanner(planner), learn: services.library.learner(from: services.store),
      arrivals: arrivals, pulse: pulse, environment: environment, metrics: services.metrics, log: services.log,
      tracer: services.tracer, library: services.library, isOpen: { !active.isEmpty })
    reconciler = Reconciler(
      store: services.store, queue: services.queue, environment: environment, metrics: services.metrics,
      log: services.log)
    pruner = Pruner(
      store: services.store, policy: retention, environment: environment, metrics: services.metrics,
      log: services.log)
    let scheduling = Pulse(time: environment.time)
    let pipelines: @Sendable () -> [Pipeline] = { Array(active.set.pipelines.values) }
    scheduler = Scheduler(
      store: services.store, pipelines: pipelines, changes: active.changed, arrivals: arrivals, pulse: scheduling,
      environment: environment, metrics: services.metrics, log: services.log)
    let checks = [
      ReadinessCheck("pipelines", remark: { await activator.remark }) {
        active.isEmpty ? "No pipeline is active, so that events wait; serve with --pipelines FOLDER." : nil
      },
      ReadinessCheck("data folder") { data.problem() }, ReadinessCheck.pulse("router", of: pulse),
      ReadinessCheck.pulse("scheduler", of: scheduling, within: Scheduler.longestWait + .seconds(30)),
    ]
    let apiServices = APIServices(
      store: services.store, queue: services.queue, library: services.library, planner: planner,
      environment: environment, metrics: services.metrics, log: services.log, arrivals: arrivals, checks: checks,
      tracer: services.tracer, callbacks: services.callbacks.map { CallbackDesk(services: services, key: $0) })
    let schedules = ScheduleRoutes(store: services.store, pipelines: pipelines, environment: environment)
    api = APIServer(
      options: options, services: apiServices,
      extensions: workers.extensions + [PipelineRoutes(activator, services: apiServices), schedules])
  }

  /// Serves until a signal asks it to stop, and then until what runs has ended or was given back.
  func run() async throws {
    let (stop, listening) = (Signal(), Signal())
    let signals = StopSignals(raising: stop)
    defer { signals.cancel() }
    try await withThrowingTaskGroup(of: Void.self) { loops in
      loops.addTask { await activator.run() }
      loops.addTask { await router.run() }
      // What waited for a pipeline, or was recorded meanwhile, is routed at once.
      loops.addTask { await active.forEach { _ in services.emitted.raise() } }
      loops.addTask { await reconciler.run() }
      loops.addTask { await pruner.run() }
      loops.addTask { await scheduler.run() }
      if let tracing { loops.addTask { await tracing.exporter.run() } }
      async let working: Void = work(after: listening, until: stop)
      try await serveAPI(listening, until: stop)
      listening.raise()
      await working
      await tracing?.exporter.finish(atMost: ServerTracing.patience)
      loops.cancelAll()
    }
    await embedded.database.close()
  }

  /// Takes jobs, where this server is to work itself. Not before it listens: a job may tell others its address.
  private func work(after listening: Signal, until stop: Signal) async {
    await listening.wait(after: 0)
    if works, !Task.isCancelled { await workers.run(services, active, lease: lease, until: stop) }
  }

  private func serveAPI(_ listening: Signal, until stop: Signal) async throws {
    do {
      try await api.run(until: stop) { address in
        tellWorkers(address)
        listening.raise()
        Console.write(
          "millrace is listening on \(address) (data: \(data.path), pipelines: \(active.set.pipelines.count))")
        if active.isEmpty {
          Console.complain("warning: no pipeline is active; events are kept and wait until one is (--pipelines FOLDER)")
        }
      }
    } catch let error as ListenError {
      throw CommandError.failed(error.description)
    }
  }

  /// Leaves the note for workers, with the address that callbacks go to.
  private func tellWorkers(_ address: ListeningAddress) {
    var note = note
    note.publicURL = note.publicURL ?? PublicAddress.of(address)
    do throws(CommandError) { try note.write(to: data.serverNote) } catch {
      Console.complain("warning: \(error.message)")
    }
  }
}
