import Synchronization
import WorkerKit

extension Mutant {
  static let laneMutants = [
    forgetsFairKeys, forgetsWeights, forgetsLimits, forgetsPriorities, opensWithoutControls, goesBackToOldControls,
    leaksSlots, holdsAllForOne,
  ]

  /// A queue that changes the entries that it takes in.
  private static func pushes(
    _ description: String, caughtBy: String, _ change: @escaping @Sendable (QueueEntry) -> QueueEntry
  ) -> Mutant {
    queue(description, caughtBy: caughtBy) { queue, _, _ in
      let base = queue.base
      queue.pushing = { handoff throws(DriverError) in
        try await base.push(
          Handoff(
            id: handoff.id, epoch: handoff.epoch, notAfter: handoff.notAfter, entries: handoff.entries.map(change)))
      }
    }
  }

  private static let forgetsFairKeys = pushes(
    "has one lane for all", caughtBy: "a tenant with one job waits a turn, however many another has"
  ) { $0.in(Lane(tenant: "one", pipeline: $0.lane.pipeline, stage: $0.lane.stage)) }

  private static let forgetsWeights = pushes(
    "forgets weights", caughtBy: "a fair key of weight 3 is served three times as often"
  ) { $0.in($0.lane.with(JobFlow(fairKey: $0.lane.fairKey, limits: $0.lane.limits))) }

  private static let forgetsLimits = pushes(
    "forgets all limits of a job but the first", caughtBy: "a job under several limits keeps them all"
  ) { $0.in($0.lane.with(JobFlow(fairKey: $0.lane.fairKey, limits: Array($0.lane.limits.prefix(1))))) }

  private static let forgetsPriorities = pushes(
    "grants by turns alone", caughtBy: "a lower priority is not passed over for ever"
  ) { entry in
    var entry = entry
    entry.priority = .normal
    return entry
  }

  private static let opensWithoutControls = queue(
    "opens an epoch before it knows what is paused",
    caughtBy: "a pause outlives the loss of a queue: nothing is granted before it is known"
  ) { queue, _, _ in
    let base = queue.base
    queue.opening = { epoch, _ throws(DriverError) in try await base.open(epoch) }
  }

  private static let goesBackToOldControls = queue(
    "takes whatever it was told last", caughtBy: "a limit is changed while jobs wait"
  ) { queue, _, _ in
    let base = queue.base
    let version = Mutex(Int64(0))
    queue.projecting = { controls throws(DriverError) in
      var controls = controls
      controls.version = version.withLock {
        $0 += 1
        return $0
      }
      try await base.project(controls)
    }
  }

  private static let leaksSlots = queue(
    "keeps the slot of a lease that ran out", caughtBy: "slots of leases that ran out are not lost"
  ) { queue, _, _ in
    let base = queue.base
    queue.pushing = { handoff throws(DriverError) in
      // A reissued job comes back as another: its old lease stays, and its slot with it.
      let entries = handoff.entries.map { entry in
        entry.fence == .first
          ? entry
          : QueueEntry(
            job: JobID("\(entry.job)-\(entry.fence)"), fence: entry.fence, queue: entry.queue, lane: entry.lane)
      }
      return try await base.push(
        Handoff(id: handoff.id, epoch: handoff.epoch, notAfter: handoff.notAfter, entries: entries))
    }
  }

  private static let holdsAllForOne = pushes(
    "counts all keys of a limit together", caughtBy: "keys at their limit delay no other"
  ) { $0.in($0.lane.with(JobFlow(fairKey: $0.lane.fairKey, limits: $0.lane.limits.map { LimitKey($0.limit, "") }))) }
}

extension QueueEntry {
  fileprivate func `in`(_ lane: Lane) -> QueueEntry {
    var entry = self
    entry.lane = lane
    return entry
  }
}

extension Lane {
  fileprivate func with(_ flow: JobFlow) -> Lane {
    Lane(tenant: tenant, pipeline: pipeline, stage: stage, flow: flow)
  }
}
