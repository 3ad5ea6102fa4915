import Dispatcher
import Glibc
import Logging
import SQLiteDriver
import WorkerKit

/// A worker host of its own process over a server's data folder: no API, no dispatcher.
struct WorkerHost {
  private let data: DataFolder
  private let embedded: SQLiteEmbedded
  private let workers: StandardWorkers
  private let services: HostServices
  private let queues: [QueueName]
  private let lease: Duration
  private let schemas: SchemaWatch

  /// Opens the data folder that a server has made; `run` starts to work.
  static func open(data: DataFolder, queues: [QueueName], lease: Duration, pictureMemory: UInt64) async throws
    -> WorkerHost
  {
    let (environment, log) = (Environment.system, ServerLog.make())
    do {
      let embedded = try SQLiteEmbedded(path: data.database, environment: environment)
      let workers = try await StandardWorkers(data: data, database: embedded.database, pictureMemory: pictureMemory)
      let library = PipelineLibrary()
      library.use(try EventSchemaFiles.schemas(of: ServerNote.read(at: data.serverNote).pipelines))
      let services = HostServices(
        store: embedded.store, queue: embedded.queue, registry: try workers.registry(), library: library,
        environment: environment, metrics: Metrics(), log: log, objects: workers.objects, isolated: workers.isolated,
        callbacks: try CallbackKeyFile.open(at: data.callbackKey))
      return WorkerHost(
        data: data, embedded: embedded, workers: workers, services: services, queues: queues, lease: lease,
        schemas: watch(over: data.serverNote, for: services))
    } catch let error as DriverError {
      throw CommandError.failed("cannot open the data folder \(data.path): \(error)")
    } catch let error as Failure {
      throw CommandError.failed("cannot open the data folder \(data.path): \(error.message)")
    }
  }

  /// Watches the schemas of the folder that the server names at the time.
  private static func watch(over note: String, for services: HostServices) -> SchemaWatch {
    SchemaWatch(library: services.library, environment: services.environment, log: services.log) {
      (try? ServerNote.read(at: note))?.pipelines.map { PipelineFolder($0) }
    }
  }

  /// Works until a signal asks it to stop, and then until what runs has ended or was given back.
  func run() async {
    let stop = Signal()
    let signals = StopSignals(raising: stop)
    defer { signals.cancel() }
    let names = queues.map(\.rawValue).joined(separator: ", ")
    Console.write("millrace worker \(getpid()) takes jobs from \(names) (data: \(data.path))")
    await withTaskGroup { loops in
      loops.addTask { await schemas.run() }
      await workers.run(services, queues: Set(queues), lease: lease, until: stop)
      loops.cancelAll()
    }
    await embedded.database.close()
  }
}
