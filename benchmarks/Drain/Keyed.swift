import Synchronization
import WorkerKit

/// A worker whose jobs are limited by a key; it notes when each began and ended.
struct KeyedWorker: Worker {
  static let name: WorkerName = "bench.keyed"
  static let summary = "Notes when it began."

  /// How long each job sleeps.
  let pause: Duration

  struct Options: WorkerOptions {
    static let key = OptionField<Int>("key", "The key that the job is limited by.")
    static let fields = [key.description]
    let key: Int

    init(_ reader: OptionReader) throws(OptionProblem) { key = try reader.value(Self.key) }
  }

  func run(_ options: Options, context: WorkerContext) async throws -> NoOpWorker.Output {
    let begun = BegunJobs.now
    if pause > .zero { try await Task.sleep(for: pause) }
    Self.times.note(KeyedTimes.Attempt(begun: begun, ended: BegunJobs.now), of: options.key)
    return NoOpWorker.Output()
  }

  /// When the jobs of each key were recorded, began and ended.
  static let times = KeyedTimes()

  /// One stage, of whose jobs each key may begin one in an interval, or have one under way.
  static func pipeline(_ settings: Settings) -> (name: String, text: String) {
    let bound = settings.bound == .rate ? "rate: 1/\(settings.interval)s, burst: 1" : "concurrency: 1"
    let text = """
      pipeline: keyed
      trigger: { event: Keyed }
      stages:
        work:
          uses: bench.keyed
          with: { key: "${event.payload.key}" }
          limit: { key: "${event.payload.key}", \(bound) }
      """
    return ("keyed.yaml", text)
  }
}

/// When the jobs of each key were recorded, began and ended, in nanoseconds of the clock of uptime.
final class KeyedTimes: Sendable {
  struct Attempt {
    let begun: UInt64
    let ended: UInt64
  }

  struct Key {
    var recorded: UInt64 = 0
    var attempts: [Attempt] = []
  }

  private let all = Mutex<(count: Int, keys: [Int: Key])>((0, [:]))

  /// How many jobs have ended.
  var count: Int { all.withLock { $0.count } }
  var keys: [Key] { all.withLock { Array($0.keys.values) } }

  func record(_ key: Int) { all.withLock { $0.keys[key, default: Key()].recorded = BegunJobs.now } }

  func note(_ attempt: Attempt, of key: Int) {
    all.withLock {
      $0.count += 1
      $0.keys[key, default: Key()].attempts.append(attempt)
    }
  }
}
