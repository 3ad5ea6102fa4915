import WorkerKit

extension Mutant {
  static let queueMutants = [
    grantsExpiredAgain, grantsTwice, acceptsLatePush, acceptsOldEpoch, ignoresDelay, finishesForAnybody,
    renewsForAnybody,
  ]

  private static let grantsExpiredAgain = queue(
    "grants an expired lease again", caughtBy: "a lease that ran out is reported and never granted again"
  ) { queue, store, environment in
    let base = queue.base
    queue.leasing = { request throws(DriverError) in
      let leases = try await base.lease(request)
      guard leases.isEmpty else { return leases }
      let epoch = try await store.epoch()
      return try await base.expired(limit: request.limit).map { job in
        let holder = Holder(rawValue: environment.id())
        let authority = Authority(job: job.job, epoch: epoch, fence: job.fence, holder: holder)
        return Lease(authority: authority, queue: request.queue, length: request.length)
      }
    }
  }

  private static let grantsTwice = queue(
    "grants one job to two holders", caughtBy: "each job is leased once, however many ask"
  ) { queue, _, environment in
    let base = queue.base
    queue.leasing = { request throws(DriverError) in
      let leases = try await base.lease(request)
      return leases + leases.suffix(1).map { $0.with(holder: Holder(rawValue: environment.id())) }
    }
  }

  private static let acceptsLatePush = queue(
    "accepts a late push", caughtBy: "a push that comes late is refused"
  ) { queue, _, environment in
    let base = queue.base
    queue.pushing = { handoff throws(DriverError) in
      let inTime = environment.time.now + .seconds(1)
      return try await base.push(
        Handoff(id: handoff.id, epoch: handoff.epoch, notAfter: inTime, entries: handoff.entries))
    }
  }

  private static let acceptsOldEpoch = queue(
    "skips the epoch check in the queue", caughtBy: "an old epoch is refused on every verb"
  ) { queue, store, _ in
    let base = queue.base
    queue.renewing = { leases throws(DriverError) in
      let epoch = try await store.epoch()
      return try await base.renew(leases.map { $0.with(epoch: epoch) })
    }
  }

  private static let ignoresDelay = queue(
    "forgets a delay", caughtBy: "a job with a delay is leased when its time has come"
  ) { queue, _, _ in
    let base = queue.base
    queue.pushing = { handoff throws(DriverError) in
      let entries = handoff.entries.map { QueueEntry(job: $0.job, fence: $0.fence, queue: $0.queue) }
      return try await base.push(
        Handoff(id: handoff.id, epoch: handoff.epoch, notAfter: handoff.notAfter, entries: entries))
    }
  }

  private static let finishesForAnybody = queue(
    "removes an entry for whoever asks", caughtBy: "a lease under an older fence is lost"
  ) { queue, _, _ in
    let base = queue.base
    queue.finishing = { authorities throws(DriverError) in
      var held: [Authority] = []
      let newest = authorities.map { FencedJob(job: $0.job, fence: $0.fence) }
      for (authority, known) in zip(authorities, try await base.known(newest)) {
        guard case .leased(let holder) = known else { continue }
        for fence in [authority.fence, authority.fence.raised] {
          held.append(Authority(job: authority.job, epoch: authority.epoch, fence: fence, holder: holder))
        }
      }
      _ = try await base.finish(held)
      return authorities.map { _ in .removed }
    }
  }

  private static let renewsForAnybody = queue(
    "extends whatever lease there is", caughtBy: "an old fence is refused on every verb"
  ) { queue, _, _ in
    queue.renewing = { leases in leases.map { _ in .extended } }
  }
}
