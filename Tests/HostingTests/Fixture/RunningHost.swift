import Logging
import Testing
import Tracing
import WorkerKit
import WorkerKitTesting

/// A host at work, and how a test drives it.
struct RunningHost: Sendable {
  let host: Host
  let ticker: ManualTicker
  /// Raised when `run` has returned.
  let ended: Signal
  /// Cancels the task that `run` is in.
  let cancel: @Sendable () -> Void
}

extension HostFixture {
  /// How long the leases of these tests' hosts last.
  static let leaseLength = Duration.seconds(15)

  func host(
    id: HostID = "host-1", concurrency: Int = 4, other: Bool = false, queue: (any JobQueue)? = nil,
    time: (any TimeSource)? = nil, lease: Duration = leaseLength, tracer: (any Tracer)? = nil, ticker: any LeaseTicker
  ) throws -> Host {
    Host(
      configuration: HostConfiguration(
        id: id, lanes: [HostLane(queue: .standard, concurrency: concurrency)], leaseLength: lease,
        grace: .seconds(20), leaseWait: .seconds(1)),
      services: try services(other: other, queue: queue, time: time, tracer: tracer), ticker: ticker)
  }

  /// What a host of this test works with.
  func services(
    other: Bool = false, queue: (any JobQueue)? = nil, time: (any TimeSource)? = nil, tracer: (any Tracer)? = nil
  ) throws -> HostServices {
    HostServices(
      store: store, queue: queue ?? self.queue, registry: try registry(other: other), library: PipelineLibrary(),
      environment: time.map { Environment(time: $0, random: environment.random) } ?? environment, metrics: metrics,
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, emitted: emitted, objects: objects,
      isolated: isolated.withLock { $0 }, tracer: tracer, callbacks: callbacks.withLock { $0 })
  }

  /// Runs a host while `body` drives it, then stops it, and gives the pair back when it has ended.
  ///
  /// Its end takes no time: a clock that ran on would run away from a keeper that is slow to hear of what has ended.
  func withHost(
    id: HostID = "host-1", concurrency: Int = 4, other: Bool = false, closing: Bool = true, gates: [Gate] = [],
    lease: Duration = leaseLength, tracer: (any Tracer)? = nil,
    _ body: @Sendable (RunningHost) async throws -> Void
  ) async throws {
    let (ticker, ended) = (ManualTicker(), Signal())
    let leasing = ClosableQueue(queue)
    let host = try host(
      id: id, concurrency: concurrency, other: other, queue: leasing, lease: lease, tracer: tracer, ticker: ticker)
    await withTaskGroup(of: Void.self) { group in
      let cancelled = Signal()
      group.addTask { [changes] in
        await withTaskGroup(of: Void.self) { run in
          run.addTask { await host.run() }
          run.addTask { await cancelled.wait(after: 0) }
          // Whichever is first: the host by itself, or the wish to cancel it.
          await run.next()
          run.cancelAll()
        }
        ended.raise()
        changes.raise()
      }
      let running = RunningHost(host: host, ticker: ticker, ended: ended) { cancelled.raise() }
      do { try await body(running) } catch { Issue.record(error) }
      for gate in gates { gate.open() }
      for verb in FaultyStore.Verb.allCases { store.faults.release(verb) }
      for verb in FaultyQueue.Verb.allCases { queue.faults.release(verb) }
      host.stop()
      leasing.close()
      ticker.beatFreely()
      await ended.wait(after: 0)
      group.cancelAll()
    }
    if closing { await pair.close() }
  }
}
