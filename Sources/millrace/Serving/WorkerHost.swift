import Dispatcher
import Glibc
import Logging
import WorkerKit

/// A worker host of its own process, beside servers or over a server's data folder: no API, no dispatcher.
struct WorkerHost {
  private let data: DataFolder
  private let stores: Stores
  private let workers: StandardWorkers
  private let services: HostServices
  /// Nil for every queue that workers and active stages name.
  private let queues: [QueueName]?
  private let active: ActivePipelines
  private let lease: Duration
  private let schemas: SchemaWatch

  /// Opens what the process works on, without asking servers for anything; `run` starts to work.
  static func open(
    data: DataFolder, servers: StoreServers?, queues: [QueueName]?, lease: Duration, pictureMemory: UInt64
  ) async throws -> WorkerHost {
    let (environment, log) = (Environment.system, ServerLog.make())
    do {
      let stores = try await Stores.open(data: data, servers: servers, environment: environment, log: log)
      let workers = try StandardWorkers(data: data, stores: stores, pictureMemory: pictureMemory)
      let library = PipelineLibrary()
      library.use(try EventSchemaFiles.schemas(of: folder(data, servers)))
      let services = HostServices(
        store: stores.store, queue: stores.queue, registry: try workers.registry(), library: library,
        environment: environment, metrics: Metrics(), log: log, objects: workers.objects, isolated: workers.isolated,
        callbacks: try CallbackKeyFile.open(at: data.callbackKey))
      return WorkerHost(
        data: data, stores: stores, workers: workers, services: services, queues: queues,
        active: ActivePipelines(library: library), lease: lease, schemas: watch(over: data.serverNote, for: services))
    } catch let error as DriverError {
      throw CommandError.failed("cannot open the data folder \(data.path): \(error)")
    } catch let error as Failure {
      throw CommandError.failed("cannot open the data folder \(data.path): \(error.message)")
    }
  }

  /// The folder of pipelines that the server names; nil where that is on another machine.
  private static func folder(_ data: DataFolder, _ servers: StoreServers?) throws(CommandError) -> String? {
    let path = try ServerNote.read(at: data.serverNote).pipelines
    guard servers != nil, let path else { return path }
    return access(path, R_OK) == 0 ? path : nil
  }

  /// Watches the schemas of the folder that the server names at the time.
  private static func watch(over note: String, for services: HostServices) -> SchemaWatch {
    SchemaWatch(library: services.library, environment: services.environment, log: services.log) {
      (try? ServerNote.read(at: note))?.pipelines.map { PipelineFolder($0) }
    }
  }

  /// Waits for servers, and works until a signal asks it to stop, and then until what runs has ended or was given back.
  func run() async throws {
    let stop = Signal()
    let signals = StopSignals(raising: stop)
    defer { signals.cancel() }
    if try await stop.bounding({ try await stores.gate?.pass(patient: true) }) {
      let names = queues.map { $0.map(\.rawValue).joined(separator: ", ") } ?? "every queue"
      Console.write("millrace worker \(getpid()) takes jobs from \(names) (\(stores.description))")
      await stores.choice?.compare()
      await withTaskGroup(of: Void.self) { loops in
        loops.addTask { await schemas.run() }
        if queues == nil { loops.addTask { await activator.run() } }
        await work(until: stop)
        loops.cancelAll()
      }
    }
    await stores.close()
  }

  private func work(until stop: Signal) async {
    if let queues {
      await workers.run(services, queues: Set(queues), lease: lease, until: stop)
    } else {
      await workers.run(services, active, lease: lease, until: stop)
    }
  }

  /// Follows what dispatchers activate, to know the queues that stages name.
  private var activator: PipelineActivator {
    PipelineActivator(
      folder: nil, name: PipelineActivation.name, store: services.store, active: active, library: services.library,
      registry: nil, environment: services.environment, log: services.log)
  }
}
