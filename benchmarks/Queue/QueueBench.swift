import RedisDriver
import WorkerKit

/// Measures the queue in a Redis server, without a store: what moving a job costs, how soon a push is picked up, and,
/// with `--wait`, what so many waiting jobs take up, which they are left to do.
@main
enum QueueBench {
  static func main() async throws {
    let settings = QueueSettings(arguments: Array(CommandLine.arguments.dropFirst()))
    let queue = RedisQueue(
      RedisSettings(try RedisAddress(url: settings.url), prefix: "bench"), environment: .system)
    let bench = QueueBenchRun(queue: queue, settings: settings)
    try await bench.open()
    if settings.wait > 0 {
      try await bench.push(settings.wait)
      print("\(settings.wait) jobs wait, ids such as \(bench.job().rawValue)")
    } else {
      try await bench.drain()
      try await bench.pickUp()
    }
    await queue.close()
  }
}
