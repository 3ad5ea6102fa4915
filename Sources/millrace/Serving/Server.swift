import Dispatcher
import Logging
import TracingDriver
import WorkerKit

/// The API and the dispatcher in one process, with the workers where it is to work itself.
struct Server {
  private let configuration: ServerConfiguration
  private let stores: Stores
  private let api: APIServer
  private let router: EventRouter
  private let outbox: OutboxLoop?
  private let stream: EventStreamLoop?
  private let reconciler: Reconciler
  private let pruner: Pruner
  private let scheduler: Scheduler
  private let workers: StandardWorkers
  private let services: HostServices
  private let active: ActivePipelines
  private let activator: PipelineActivator
  private let projection: QueueProjection
  private let tracing: ServerTracing?
  private let begun = Signal()

  /// Opens everything; `run` starts to serve.
  /// - Throws: A `CommandError`, also where a server is there and not fit: a schema that is too old, a wrong password.
  static func open(
    _ what: ServerConfiguration, environment: Environment = .system
  ) async throws -> Server {
    let (log, metrics, data) = (ServerLog.make(), Metrics(), what.data)
    do {
      let stores = try await Stores.open(data: data, servers: what.servers, environment: environment, log: log)
      // What a person has to mend is told before anything listens; servers that are away are waited for behind it.
      try await stores.gate?.refuseMistakes()
      let tracing = try ServerTracing.open(
        folder: what.spans, environment: environment, metrics: metrics, log: log)
      let workers = try StandardWorkers(
        data: data, stores: stores, pictureMemory: what.pictureMemory, tracer: tracing?.tracer)
      let registry = try workers.registry()
      let library = PipelineLibrary()
      library.use(try EventSchemaFiles.schemas(of: what.pipelines))
      let active = ActivePipelines(library: library)
      let projection = QueueProjection(
        queue: stores.queue, active: active, pauses: stores.store.pausesReader, environment: environment, log: log)
      // A program without workers can check everything but them.
      let activator = PipelineActivator(
        folder: what.pipelines.map { PipelineFolder($0) }, name: PipelineActivation.name, store: stores.store,
        active: active, library: library, registry: registry.names.isEmpty ? nil : registry,
        environment: environment, log: log, announce: { await projection.announce($0, number: $1) })
      let services = HostServices(
        store: stores.store, queue: stores.queue, registry: registry, library: library, environment: environment,
        metrics: metrics, log: log, objects: workers.objects, isolated: workers.isolated, tracer: tracing?.tracer,
        callbacks: try CallbackKeyFile.open(at: data.callbackKey))
      let server = Server(
        what, stores: stores, workers: workers, services: services, active: active, activator: activator,
        projection: projection, tracing: tracing)
      // Without servers there is nothing to wait for, and what is wrong is told before anything listens.
      if stores.gate == nil { try await server.begin() }
      return server
    } catch {
      throw what.failure(error)
    }
  }

  private init(
    _ what: ServerConfiguration, stores: Stores, workers: StandardWorkers, services: HostServices,
    active: ActivePipelines, activator: PipelineActivator, projection: QueueProjection, tracing: ServerTracing?
  ) {
    let (environment, arrivals) = (services.environment, services.emitted)
    let pulse = Pulse(time: environment.time)
    let planner = Planner(
      registry: services.registry, environment: environment, isTraced: services.tracer != nil)
    configuration = what
    self.stores = stores
    self.active = active
    self.activator = activator
    self.projection = projection
    self.tracing = tracing
    self.workers = workers
    self.services = services
    let pressure = Self.pressure(what.highWater, services, planner, active)
    router = EventRouter(
      store: services.store, queue: services.queue, plan: active.routePlanner(planner),
      next: services.library.settlePlanner(planner), learn: services.library.learner(from: services.store),
      arrivals: arrivals, pulse: pulse, environment: environment, metrics: services.metrics, log: services.log,
      tracer: services.tracer, library: services.library, pressure: pressure,
      isOpen: { !active.isEmpty })
    (reconciler, pruner) = Self.upkeep(services, projection, keeping: what.retention)
    let draining = Pulse(time: environment.time)
    outbox = stores.drain.map { drain in
      let library = services.library
      return OutboxLoop(
        arrivals: arrivals, pulse: draining, environment: environment, metrics: services.metrics, log: services.log,
        pressure: pressure
      ) { limit async throws(DriverError) in try await drain(limit, library) }
    }
    let streaming = Pulse(time: environment.time)
    stream = stores.stream.map { stream in
      EventStreamLoop(
        stream: stream, store: services.store, library: services.library, arrivals: arrivals, pulse: streaming,
        environment: environment, metrics: services.metrics, log: services.log, tracer: services.tracer,
        pressure: pressure)
    }
    let scheduling = Pulse(time: environment.time)
    let pipelines: @Sendable () -> [Pipeline] = { Array(active.set.pipelines.values) }
    scheduler = Scheduler(
      store: services.store, pipelines: pipelines, changes: active.changed, arrivals: arrivals, pulse: scheduling,
      environment: environment, metrics: services.metrics, log: services.log)
    let (data, begun) = (what.data, begun)
    var checks = [
      ReadinessCheck("start") { begun.count > 0 ? nil : "It waits for its servers; the log says for which." },
      ReadinessCheck("pipelines", remark: { await activator.remark }) {
        active.isEmpty ? "No pipeline is active, so that events wait; serve with --pipelines FOLDER." : nil
      },
      ReadinessCheck("data folder") { data.problem() }, ReadinessCheck.pulse("router", of: pulse),
      ReadinessCheck.pulse("scheduler", of: scheduling, within: Scheduler.longestWait + .seconds(30)),
      ReadinessCheck.pressure(pressure),
    ]
    if stores.drain != nil { checks.append(ReadinessCheck.pulse("outbox", of: draining)) }
    if stores.stream != nil { checks.append(ReadinessCheck.pulse("event stream", of: streaming)) }
    let apiServices = APIServices(
      store: services.store, queue: services.queue, library: services.library, planner: planner,
      environment: environment, metrics: services.metrics, log: services.log, arrivals: arrivals, checks: checks,
      pressure: pressure, tracer: services.tracer,
      callbacks: services.callbacks.map { CallbackDesk(services: services, key: $0) })
    let schedules = ScheduleRoutes(store: services.store, pipelines: pipelines, environment: environment)
    let pauses = PauseRoutes(
      apiServices, active: active, queues: Set(services.registry.all.map(\.queue)),
      tell: Self.teller(projection, of: activator, after: begun))
    api = APIServer(
      options: what.api, services: apiServices,
      extensions: workers.extensions + [PipelineRoutes(activator, services: apiServices), schedules, pauses])
  }

  /// What sees to leases, handoffs and old rows.
  private static func upkeep(
    _ services: HostServices, _ projection: QueueProjection, keeping retention: RetentionPolicy
  ) -> (Reconciler, Pruner) {
    let reconciler = Reconciler(
      store: services.store, queue: services.queue,
      controls: { () async throws(DriverError) in try await projection.controls() },
      environment: services.environment, metrics: services.metrics, log: services.log)
    let pruner = Pruner(
      store: services.store, policy: retention, environment: services.environment, metrics: services.metrics,
      log: services.log)
    return (reconciler, pruner)
  }

  /// Watches the queues of the active pipelines.
  private static func pressure(
    _ highWater: HighWater, _ services: HostServices, _ planner: Planner, _ active: ActivePipelines
  ) -> BackPressure {
    BackPressure(
      store: services.store, queue: services.queue, highWater: highWater, queues: { planner.queues(of: active.set) },
      environment: services.environment, metrics: services.metrics, log: services.log)
  }

  /// Tells the queue what is in force, by the newest that is active.
  private static func teller(
    _ projection: QueueProjection, of activator: PipelineActivator, after begun: Signal
  ) -> @Sendable () async throws(DriverError) -> Void {
    { () async throws(DriverError) in
      // Before it knows what is active, what it would say is older than what the queue has heard.
      guard begun.count > 0 else {
        throw DriverError(.unavailable, "not_begun", "The server has not begun yet; its queue is told when it has.")
      }
      try await activator.refresh()
      try await projection.tell()
    }
  }

  /// Waits for servers, activates the pipelines and brings the queue up to date.
  private func begin() async throws {
    while !Task.isCancelled {
      try await stores.gate?.pass()
      do {
        try await stores.choice?.make()
        try await PipelineActivation.open(activator)
        try await QueueRecovery(
          store: stores.store, queue: stores.queue,
          controls: { () async throws(DriverError) in try await projection.controls() }
        ).open()
        begun.raise()
        return
      } catch let error as DriverError {
        // A server may go again between two questions.
        guard stores.gate != nil, !ServerGate.isMistake(error) else { throw error }
        try? await services.environment.time.sleep(for: .seconds(1))
      }
    }
  }

  /// Serves until a signal asks it to stop, and then until what runs has ended or was given back.
  func run() async throws {
    let (stop, listening) = (Signal(), Signal())
    let signals = StopSignals(raising: stop)
    defer { signals.cancel() }
    let problem = try await withThrowingTaskGroup(of: Void.self) { loops in
      if let tracing { loops.addTask { await tracing.exporter.run() } }
      // Nothing else is done before what it needs is there; the API answers meanwhile, and says what is missing.
      async let working: (any Error)? = work(after: listening, until: stop)
      try await serveAPI(listening, until: stop)
      listening.raise()
      let problem = await working
      await tracing?.exporter.finish(atMost: ServerTracing.patience)
      loops.cancelAll()
      return problem
    }
    await stores.close()
    if let problem { throw configuration.failure(problem) }
  }

  /// Begins, where that has not been done, and runs the loops until `stop` is raised.
  /// - Returns: Why it could not begin.
  private func work(after listening: Signal, until stop: Signal) async -> (any Error)? {
    do {
      guard try await stop.bounding({ try await beginLate() }) else { return nil }
    } catch {
      stop.raise()
      return error
    }
    await withTaskGroup(of: Void.self) { loops in
      loops.addTask { await activator.run() }
      loops.addTask { await projection.run() }
      loops.addTask { await router.run() }
      // What waited for a pipeline, or was recorded meanwhile, is routed at once.
      loops.addTask { await active.forEach { _ in services.emitted.raise() } }
      loops.addTask { await reconciler.run() }
      loops.addTask { await pruner.run() }
      loops.addTask { await scheduler.run() }
      if let outbox { loops.addTask { await outbox.run() } }
      if let stream { loops.addTask { await stream.run() } }
      // Not before it listens: a job may tell others its address.
      await listening.wait(after: 0)
      if configuration.works, !Task.isCancelled {
        await workers.run(services, active, lease: configuration.lease, until: stop)
      }
      await stop.wait(after: 0)
      loops.cancelAll()
    }
    return nil
  }

  /// Begins where that had to wait until something listens.
  private func beginLate() async throws {
    guard begun.count == 0 else { return }
    try await begin()
  }

  /// How long servers that are not there yet may keep a person from being told where it listens.
  private static let silence = Duration.seconds(5)

  /// Says that it is ready, or after a while without its servers where it listens all the same.
  private func announce(_ address: ListeningAddress) async {
    if begun.count == 0 { await begun.wait(after: 0, atMost: Self.silence, on: services.environment.time) }
    let pipelines = begun.count > 0 ? ", pipelines: \(active.set.pipelines.count)" : ""
    guard !Task.isCancelled else { return }
    Console.write("millrace is listening on \(address) (\(stores.description)\(pipelines))")
    await begun.wait(after: 0)
    guard !Task.isCancelled, active.isEmpty else { return }
    Console.complain("warning: no pipeline is active; events are kept and wait until one is (--pipelines FOLDER)")
  }

  private func serveAPI(_ listening: Signal, until stop: Signal) async throws {
    let (addresses, heard) = AsyncStream<ListeningAddress>.makeStream()
    do {
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { for await address in addresses { await announce(address) } }
        tasks.addTask {
          try await api.run(until: stop) { address in
            tellWorkers(address)
            listening.raise()
            heard.yield(address)
          }
          heard.finish()
        }
        try await tasks.next()
        tasks.cancelAll()
      }
    } catch let error as ListenError {
      stop.raise()
      throw CommandError.failed(error.description)
    }
  }

  /// Leaves the note for workers, with the address that callbacks go to.
  private func tellWorkers(_ address: ListeningAddress) {
    let note = ServerNote(
      publicURL: configuration.publicURL ?? PublicAddress.of(address),
      pipelines: configuration.pipelines.map(AbsolutePath.of))
    do throws(CommandError) { try note.write(to: configuration.data.serverNote) } catch {
      Console.complain("warning: \(error.message)")
    }
  }
}
