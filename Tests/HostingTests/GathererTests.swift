import Logging
import Synchronization
import Testing
import WorkerKitTesting

@testable import WorkerKit

/// Jobs that are gathered one by one, beside a model that says which batches there must be, and when.
@Suite("Gathering a batch", .timeLimit(.minutes(5)))
struct GathererTests {
  @Test(
    "A batch begins when it is full, or when its first job has waited as long as told, and not later",
    arguments: 1...UInt64(30))
  func beginsInTime(_ seed: UInt64) async throws {
    let bench = GathererBench(seed: seed)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<80 {
        switch bench.chance(of: 10) {
        case 0...5: try await bench.join(in: &group)
        case 6: try await bench.leave()
        default: try await bench.pass(.milliseconds(Int64(bench.chance(of: 400))))
        }
      }
      try await bench.pass(.seconds(10))
      #expect(bench.open.isEmpty)
    }
    // Two that begin at one moment do so in either order.
    #expect(bench.begun.count == bench.expected.count, "seed \(seed)")
    #expect(Set(bench.begun) == Set(bench.expected), "seed \(seed)")
    #expect(bench.answered == bench.wanted, "seed \(seed)")
  }
}

/// A batch and when it began.
private struct BegunBatch: Hashable {
  let at: Duration
  let jobs: Set<JobID>
}

/// Notes each batch that it is given.
private struct NotingWorker: BatchWorker {
  static let name: WorkerName = "test.noting"
  static let summary = "Notes which jobs came together."
  let note: @Sendable ([JobID]) -> Void

  func run(_ items: [BatchItem<NoOptions>]) async -> [JobID: Result<ValueOutput, Failure>] {
    note(items.map(\.context.job))
    return Dictionary(items.map { ($0.context.job, .success(ValueOutput(value: 1))) }) { first, _ in first }
  }
}

private struct NoOptions: WorkerOptions {
  static var fields: [OptionDescription] { [] }
  init(_ reader: OptionReader) throws(OptionProblem) {}
}

/// A gatherer, what it does, and what it should do.
private final class GathererBench {
  /// A seat that waits, and how to cancel its task.
  struct Seat {
    let job: JobID
    let number: Int
    let cancelled: Signal
  }

  struct Open {
    let dueAt: Duration
    var seats: [Seat]
  }

  private struct Seen {
    var begun: [BegunBatch] = []
    var answered: Set<Int> = []
    /// Seats whose tasks have ended, answered or not.
    var over = 0
  }

  let time = ManualTime()
  private(set) var open: [Int: Open] = [:]
  private(set) var expected: [BegunBatch] = []
  private(set) var wanted: Set<Int> = []
  private let random: SeededRandom
  private let environment: Environment
  private let gatherer: Gatherer
  private let policies: [BatchPolicy]
  private let worker: RegisteredWorker
  private let seen: Shared<Seen>
  private let changes = Signal()
  private var seats = 0

  init(seed: UInt64) {
    let (random, time, changes, seen) = (SeededRandom(seed: seed), self.time, self.changes, Shared(Seen()))
    self.random = random
    self.seen = seen
    environment = .test(seed: seed, time: time)
    policies = (0..<2).map { _ in
      BatchPolicy(size: 2 + Int(random.next() % 6), wait: .milliseconds(Int64(50 + random.next() % 500)))
    }
    gatherer = Gatherer(time: time) { body in
      let task = Task { await body() }
      return { task.cancel() }
    }
    worker = RegisteredWorker(
      NotingWorker { jobs in
        seen.withLock { $0.begun.append(BegunBatch(at: time.monotonic, jobs: Set(jobs))) }
        changes.raise()
      })
  }

  var begun: [BegunBatch] { seen.withLock { $0.begun } }
  var answered: Set<Int> { seen.withLock { $0.answered } }

  func chance(of count: Int) -> Int { Int(random.next() % UInt64(count)) }

  /// One more job comes; now and then one that is here already, under another lease.
  func join(in group: inout ThrowingTaskGroup<Void, any Error>) async throws {
    let place = chance(of: policies.count)
    let here = open[place]?.seats.map(\.job) ?? []
    seats += 1
    let isAgain = chance(of: 8) == 0 && !here.isEmpty
    let seat = Seat(
      job: isAgain ? here[chance(of: here.count)] : JobID("job-\(seats)"), number: seats, cancelled: Signal())
    if isAgain { begin(place) }
    open[place, default: Open(dueAt: time.monotonic + policies[place].wait, seats: [])].seats.append(seat)
    wanted.insert(seat.number)
    if open[place]?.seats.count == policies[place].size { begin(place) }
    let (gatherer, worker, policy, seen, changes) = (gatherer, worker, policies[place], seen, changes)
    let item = item(seat)
    let key = Gatherer.Key(
      worker: worker.name, revision: RevisionHash("r"), stage: StageName("stage-\(place)"), queue: .standard)
    group.addTask {
      await withTaskGroup(of: Bool.self) { seat in
        seat.addTask { await gatherer.answer(item.item, of: worker, in: key, by: policy) != nil }
        seat.addTask {
          await item.cancelled.wait(after: 0)
          return false
        }
        if await seat.next() == true { _ = seen.withLock { $0.answered.insert(item.number) } }
        seat.cancelAll()
      }
      // Not before: one that was taken away leaves its batch when its sleep has ended.
      seen.withLock { $0.over += 1 }
      changes.raise()
    }
    try await settle()
  }

  /// A job that waits is taken away.
  func leave() async throws {
    let places = open.keys.sorted()
    guard !places.isEmpty else { return }
    let place = places[chance(of: places.count)]
    guard var gathering = open[place] else { return }
    let seat = gathering.seats.remove(at: chance(of: gathering.seats.count))
    open[place] = gathering.seats.isEmpty ? nil : gathering
    wanted.remove(seat.number)
    seat.cancelled.raise()
    try await settle()
  }

  /// Time passes, and stops whenever a batch is due.
  func pass(_ length: Duration) async throws {
    let end = time.monotonic + length
    while let (place, next) = open.min(by: { $0.value.dueAt < $1.value.dueAt }), next.dueAt <= end {
      time.advance(by: next.dueAt - time.monotonic)
      begin(place)
      // Two may be due at one moment.
      for (other, gathering) in open where gathering.dueAt <= time.monotonic { begin(other) }
      try await settle()
    }
    time.advance(by: end - time.monotonic)
  }

  private func begin(_ place: Int) {
    guard let gathering = open.removeValue(forKey: place) else { return }
    expected.append(BegunBatch(at: time.monotonic, jobs: Set(gathering.seats.map(\.job))))
  }

  /// Returns when everything has happened that should: then nothing but the clock can make more happen.
  private func settle() async throws {
    let (batches, waiting) = (expected.count, open.values.map(\.seats.count).reduce(0, +))
    while true {
      let count = changes.count
      if begun.count == batches, seen.withLock({ $0.over }) == seats - waiting { break }
      await changes.wait(after: count)
    }
    try await time.waitForSleepers(exactly: waiting)
  }

  private struct Item: Sendable {
    let item: RegisteredWorker.Item
    let number: Int
    let cancelled: Signal
  }

  private func item(_ seat: Seat) -> Item {
    let context = WorkerContext(
      job: seat.job, run: "run", tenant: "acme", pipeline: "many", stage: "step", attempt: 1,
      authority: Authority(
        job: seat.job, epoch: .first, fence: Fence(rawValue: Int64(seat.number)), holder: Holder("h\(seat.number)")),
      logFields: [:], baseLog: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, environment: environment,
      tracing: nil, callbacks: nil
    ) { _ in }
    return Item(item: .init(input: .object([:]), context: context), number: seat.number, cancelled: seat.cancelled)
  }
}
