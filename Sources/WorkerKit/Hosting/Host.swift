import Logging
import Synchronization

/// Leases jobs, runs their workers, and settles what came of it.
///
/// Execute, decide, settle: `Execution` runs user code, `Decision` is pure, `Settler` is the one place that settles.
/// A host that is killed at any instant loses nothing: its leases run out, and others do the work.
public final class Host: Sendable {
  private let configuration: HostConfiguration
  private let services: HostServices
  private let ticker: any LeaseTicker
  private let keeper: LeaseKeeper
  private let settler: Settler
  private let reporter: Reporter
  private let gatherer: Gatherer
  private let state: Mutex<State>
  /// Lanes whose runners are still to be started.
  private let newLanes = Mailbox<OpenLane>()

  private struct OpenLane: Sendable {
    let lane: HostLane
    let slots: Slots
  }

  private struct State: Sendable {
    var lanes: [OpenLane] = []
    /// Lanes that take jobs, or are about to.
    var running = 0
    var isStopping = false
  }

  /// Prepares a host; `run` starts it.
  public init(configuration: HostConfiguration, services: HostServices, ticker: any LeaseTicker) {
    self.configuration = configuration
    self.services = services
    self.ticker = ticker
    let keeper = LeaseKeeper(
      store: services.store, queue: services.queue, environment: services.environment, metrics: services.metrics)
    self.keeper = keeper
    gatherer = Gatherer(time: services.environment.time) { keeper.startShared(on: configuration.executor, $0) }
    let reporter = Reporter(services: services) { keeper.lose($0) }
    self.reporter = reporter
    settler = Settler(services: services, reporter: reporter) { authorities in
      keeper.release(authorities)
      reporter.close(authorities)
    }
    state = Mutex(State())
    for lane in configuration.lanes { add(lane) }
  }

  /// Takes from one more queue, at once where the host runs. A queue that it takes from already stays as it is; a host
  /// that stops adds nothing.
  public func add(_ lane: HostLane) {
    let open = OpenLane(lane: lane, slots: Slots(lane.concurrency))
    state.withLock { state in
      guard !state.isStopping, !state.lanes.contains(where: { $0.lane.queue == lane.queue }) else { return }
      state.lanes.append(open)
      state.running += 1
      newLanes.put(open)
    }
  }

  /// Works until `stop`, or until the task is cancelled; returns when what was running has ended or was given back.
  public func run() async {
    await withTaskCancellationHandler {
      await withTaskGroup(of: Void.self) { group in
        group.addTask(executorPreference: ticker) { [keeper, ticker] in await keeper.run(on: ticker) }
        group.addTask { [settler] in await settler.run() }
        group.addTask { [reporter] in await reporter.run() }
        await runLanes()
        await finishRunning()
        settler.close()
        reporter.stop()
      }
    } onCancel: {
      stop()
    }
  }

  /// Leases no more, lets what runs end within the grace time, and gives the rest back without spending an attempt.
  public func stop() {
    let lanes = state.withLock { state in
      state.isStopping = true
      defer { state.lanes = [] }
      return state.lanes
    }
    for lane in lanes { lane.slots.close() }
    newLanes.close()
    // What waits for company has not begun.
    keeper.interruptForShutdown(gatherer.stop())
  }

  /// Returns when every lane has stopped leasing.
  private func runLanes() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.announceAgainAndAgain() }
      await withTaskGroup(of: Void.self) { group in
        if configuration.lanes.isEmpty { closeIfIdle() }
        while let lanes = await newLanes.takeAll() {
          for lane in lanes { group.addTask { await self.run(lane) } }
        }
      }
      group.cancelAll()
    }
  }

  private func run(_ open: OpenLane) async {
    let runner = LaneRunner(
      lane: open.lane, slots: open.slots, configuration: configuration, services: services, keeper: keeper,
      settler: settler, reporter: reporter, gatherer: gatherer)
    await runner.run { self.state.withLock { $0.isStopping } }
    state.withLock { $0.running -= 1 }
    closeIfIdle()
  }

  /// A host whose queue was closed under all its lanes has nothing more to wait for.
  private func closeIfIdle() {
    if state.withLock({ $0.running == 0 }) { newLanes.close() }
  }

  /// Announces until cancelled: a host that lacks a worker may park its jobs at any time, while this one is there.
  private func announceAgainAndAgain() async {
    var pause = Self.announcingAgain
    repeat {
      pause = await announce() ? Self.announcingAgain : .seconds(1)
    } while (try? await services.environment.time.sleep(for: pause)) != nil
  }

  /// How long a job may wait that another host has parked and this one can do.
  private static let announcingAgain = Duration.seconds(60)

  /// Tells the store which workers are here, so that jobs parked for want of one go back to their queue.
  /// - Returns: False where the store could not be told.
  private func announce() async -> Bool {
    do throws(DriverError) {
      let handoff = try await services.store.announce(configuration.id, workers: services.registry.names)
      try await Courier(store: services.store, queue: services.queue).deliver(handoff)
      return true
    } catch {
      services.log.log(.warning, "The host's workers could not be announced.", [.errorCode: error.code])
      return false
    }
  }

  /// Lets what runs end within the grace time, and then cuts it short.
  private func finishRunning() async {
    let isIdle = Signal()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [keeper] in
        await keeper.drain()
        isIdle.raise()
      }
      await isIdle.wait(after: 0, atMost: configuration.grace, on: services.environment.time)
      keeper.interruptAll()
    }
  }
}
