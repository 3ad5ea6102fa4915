public import WorkerKit

/// What holders ask for, and what is taken from them.
extension RedisQueue {
  public func renew(_ leases: [Lease]) async throws(DriverError) -> [RenewAnswer] {
    try await leases.answered(by: \.queue) { leases, queue async throws(DriverError) in
      let arguments = leases.flatMap { Self.arguments(of: $0.authority) + [String($0.length.milliseconds)] }
      // A renewal looks who the server is: it may have become another under a connection that held.
      let answer = try await self.caller.call(.renew, on: queue, refreshing: true) { _ in arguments }
      return answer.dropFirst().map { $0.integer == 1 ? .extended : .lost }
    }
  }

  public func finish(_ authorities: [Authority]) async throws(DriverError) -> [FinishAnswer] {
    let unnamed: QueueName = ""
    return try await authorities.answered(by: { Self.queue(of: $0.holder) ?? unnamed }) {
      authorities, queue async throws(DriverError) in
      if queue != unnamed { return try await self.finish(authorities, in: queue) }
      return try await self.asking(authorities, instead: FinishAnswer.removed) {
        authorities, queue async throws(DriverError) in try await self.finish(authorities, in: queue)
      }
    }
  }

  public func revoke(_ jobs: [FencedJob]) async throws(DriverError) -> [RevokeAnswer] {
    try await asking(jobs, instead: .removed) { jobs, queue async throws(DriverError) in
      let arguments = jobs.flatMap(Self.arguments)
      let answer = try await self.caller.call(.revoke, on: queue) { _ in arguments }
      return answer.dropFirst().map { $0.text.isEmpty ? .removed : .held(Holder($0.text)) }
    }
  }

  public func known(_ jobs: [FencedJob]) async throws(DriverError) -> [KnownAnswer] {
    try await asking(jobs, instead: .unknown) { jobs, queue async throws(DriverError) in
      let arguments = jobs.flatMap(Self.arguments)
      let answer = try await self.caller.call(.known, on: queue) { _ in arguments }
      return answer.dropFirst().map { reply in
        guard case .integer(let state) = reply else { return .leased(Holder(reply.text)) }
        return state == 1 ? .waiting : .unknown
      }
    }
  }

  private func finish(_ authorities: [Authority], in queue: QueueName) async throws(DriverError) -> [FinishAnswer] {
    var answers = [FinishAnswer](repeating: .removed, count: authorities.count)
    // Leases of one host are of one epoch, but for those that it held when another began.
    for (epoch, places) in Dictionary(grouping: authorities.indices, by: { authorities[$0].epoch }) {
      let leases = places.flatMap { place in
        let authority = authorities[place]
        return [authority.job.rawValue, "\(authority.fence.rawValue):0:\(authority.holder.rawValue)"]
      }
      let answer = try await caller.call(.finish, on: queue) { _ in [String(epoch.rawValue)] + leases }
      for place in answer.dropFirst() { answers[places[Int(place.integer) - 1]] = .held }
    }
    return answers
  }

  /// Asks every queue, since nothing says which has the job; what none of them has is answered with `missing`.
  private func asking<Item: Sendable, Answer: Sendable & Equatable>(
    _ items: [Item], instead missing: Answer,
    _ ask: ([Item], QueueName) async throws(DriverError) -> [Answer]
  ) async throws(DriverError) -> [Answer] {
    guard !items.isEmpty else { return [] }
    let registry = try await caller.registry()
    guard registry.isOpen else { throw RedisFault.notOpen }
    var answers = items.map { _ in missing }
    for queue in registry.queues {
      let found = try await ask(items, queue)
      for (index, answer) in found.enumerated() where answer != missing { answers[index] = answer }
    }
    return answers
  }

  /// The queue that granted a lease, which its holder's name tells; nil for a name that this driver did not make.
  private static func queue(of holder: Holder) -> QueueName? {
    let text = holder.rawValue.utf8
    guard let mark = text.firstIndex(of: UInt8(ascii: "@")) else { return nil }
    return QueueName(String(holder.rawValue[text.index(after: mark)...]))
  }

  private static func arguments(of authority: Authority) -> [String] {
    [
      String(authority.epoch.rawValue), authority.job.rawValue, String(authority.fence.rawValue),
      authority.holder.rawValue,
    ]
  }

  private static func arguments(of claim: FencedJob) -> [String] {
    [claim.job.rawValue, String(claim.fence.rawValue)]
  }
}
