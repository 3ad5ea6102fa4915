import Dispatcher
import DriverThreads
import SQLiteDriver
import WorkerKit

/// What workers are made of.
struct WorkerParts {
  let data: DataFolder
  let database: SQLiteDatabase
  let environment: Environment
}

/// The workers of a server, and the host that runs them.
enum StandardWorkers {
  /// What `pipelines check` checks workers and options against; nil while there is nothing to check against.
  static var known: WorkerRegistry? { nil }

  /// Every worker that a server has.
  static func registry(_ parts: WorkerParts) throws -> WorkerRegistry { WorkerRegistry() }

  /// What workers add to the API.
  static func extensions(_ embedded: SQLiteEmbedded) -> [any APIExtension] { [] }

  /// Runs a host for every queue that workers and pipelines name, until `stop` is raised and what runs has ended.
  static func run(_ services: HostServices, _ pipelines: PipelineSet, lease: Duration, until stop: Signal) async {
    let stages = pipelines.pipelines.values.flatMap(\.stages)
    let queues = Set([QueueName.standard] + services.registry.all.map(\.queue) + stages.compactMap(\.queue))
    let configuration = HostConfiguration(
      id: HostID(services.environment.id()), lanes: queues.sorted().map { HostLane(queue: $0, concurrency: concurrency) },
      leaseLength: lease)
    let host = Host(configuration: configuration, services: services, ticker: KeeperThread())
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await host.run() }
      await stop.wait(after: 0)
      host.stop()
    }
  }

  /// How many jobs of one queue run at once.
  private static let concurrency = 8
}
