public import WorkerKit

/// What concerns every queue of the server.
extension RedisQueue {
  public func expired(limit: Int) async throws(DriverError) -> [Authority] {
    guard limit > 0 else { return [] }
    var found: [(at: Int64, authority: Authority)] = []
    for queue in try await openQueues() {
      let answer = try await caller.call(.expired, on: queue) { _ in [String(limit)] }
      let epoch = Epoch(rawValue: answer[1].integer)
      for start in stride(from: 2, to: answer.count - 3, by: 4) {
        let authority = Authority(
          job: JobID(answer[start + 1].text), epoch: epoch, fence: Fence(rawValue: answer[start + 2].integer),
          holder: Holder(answer[start + 3].text))
        found.append((answer[start].integer, authority))
      }
    }
    return found.sorted { $0.at < $1.at }.prefix(limit).map(\.authority)
  }

  public func depths() async throws(DriverError) -> [QueueDepth] {
    var depths: [QueueDepth] = []
    for queue in try await openQueues() {
      let answer = try await caller.call(.depth, on: queue) { _ in [] }
      let depth = QueueDepth(
        queue: queue, waiting: Int(answer[1].integer), leased: Int(answer[2].integer),
        oldest: .milliseconds(answer[3].integer))
      if depth.waiting + depth.leased > 0 { depths.append(depth) }
    }
    return depths
  }

  public func open(_ epoch: Epoch, under controls: QueueControls) async throws(DriverError) {
    // First the whole and then each queue: a queue that comes meanwhile is opened in the new epoch. What is interrupted
    // is done when the same epoch is opened again.
    let controls = RedisControls(controls)
    try await caller.openAll(epoch, under: controls)
    let registry = try await caller.registry()
    guard registry.isOpen, registry.epoch == epoch else { return }
    try await caller.open(registry.queues, in: epoch, under: controls)
  }

  public func project(_ controls: QueueControls) async throws(DriverError) {
    let controls = RedisControls(controls)
    try await caller.project(controls)
    for queue in try await openQueues() {
      _ = try await caller.call(.project, on: queue) { _ in controls.arguments }
    }
  }

  public func isOpen(in epoch: Epoch) async throws(DriverError) -> Bool {
    let registry = try await caller.registry(refreshing: true)
    guard registry.isOpen, registry.epoch == epoch else { return false }
    // A queue that is not there may be about to be opened, for it is noted first; one that stays away was lost.
    for _ in 0..<Self.looks {
      let standings = try await caller.standings(of: registry.queues)
      if standings.contains(where: { $0.isLost(in: epoch) }) { continue }
      return standings.allSatisfy { $0.isOpen(in: epoch) }
    }
    return false
  }

  private static let looks = 5

  private func openQueues() async throws(DriverError) -> [QueueName] {
    let registry = try await caller.registry()
    guard registry.isOpen else { throw RedisFault.notOpen }
    return registry.queues
  }
}
