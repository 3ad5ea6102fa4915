import WorkerKit

extension Mutant {
  static let storeMutants = [
    raisesBeforeAsking, acknowledgesFirst, skipsEpoch, ignoresHolder, forgetsSettlements, plansFromOldRead,
    raisesAnyFence, replaysAnyFence, forgetsHandoffs, forgetsAttempts, stopsRefilling, fillsAnyEpoch,
    forgetsFolders,
    replacesActiveSet, tellsNoEnds, tellsEndsAgain, looksAtStateFirst, forgetsDuplicates,
    convictsHolders, takesLossesAsAttempts, loadsWhatEnded, forgetsDeedsEarly,
    forgetsActivationsEarly,
  ]

  private static let raisesBeforeAsking = store(
    "raises fences before asking", caughtBy: "two reconcilers never raise the fence of what the queue knows"
  ) { store, queue in
    let base = store.base
    store.asking = { limit throws(DriverError) in
      let due = try await base.due(limit: limit)
      let result = try await base.reissue(due.flatMap(\.jobs), because: .overdue)
      if let handoff = result.handoff { _ = try await queue.push(handoff) }
      let raised = result.handoff?.entries.map { FencedJob(job: $0.job, fence: $0.fence) } ?? []
      return due.map { OverdueHandoff(id: $0.id, jobs: raised) }
    }
  }

  private static let acknowledgesFirst = store(
    "acknowledges before settling", caughtBy: "settling that fails leaves job and lease as they were"
  ) { store, queue in
    let base = store.base
    store.settling = { settlements, plan throws(DriverError) in
      _ = try await queue.finish(settlements.map(\.authority))
      return try await base.settle(settlements, plan: plan)
    }
  }

  private static let skipsEpoch = store(
    "skips the epoch check in the store", caughtBy: "an old epoch is refused on every verb"
  ) { store, _ in
    let base = store.base
    store.settling = { settlements, plan throws(DriverError) in
      let epoch = try await base.epoch()
      return try await base.settle(settlements.map { $0.with($0.authority.with(epoch: epoch)) }, plan: plan)
    }
  }

  private static let ignoresHolder = store(
    "settles for any holder", caughtBy: "the first durable write binds the holder"
  ) { store, _ in
    let base = store.base
    store.settling = { settlements, plan throws(DriverError) in
      var changed: [Settlement] = []
      for settlement in settlements {
        let bound = try await base.job(settlement.authority.job)?.standing.holder
        changed.append(settlement.with(settlement.authority.with(holder: bound)))
      }
      return try await base.settle(changed, plan: plan)
    }
  }

  private static let forgetsSettlements = store(
    "forgets what it settled", caughtBy: "an end settled again has the same answer and no second successor"
  ) { store, _ in
    let base = store.base
    store.settling = { settlements, plan throws(DriverError) in
      var wereLive: [Bool] = []
      for settlement in settlements {
        wereLive.append(try await base.job(settlement.authority.job)?.standing.state.isLive ?? false)
      }
      let result = try await base.settle(settlements, plan: plan)
      let answers = zip(result.answers, wereLive).map { $1 ? $0 : .ended }
      return SettleResult(
        answers: answers, handoff: result.handoff, emitted: result.emitted, ended: result.ended)
    }
  }

  private static let plansFromOldRead = store(
    "plans from what it read before its transaction",
    caughtBy: "two predecessors settled at once create one successor"
  ) { store, _ in
    let base = store.base
    store.settling = { settlements, plan throws(DriverError) in
      var own: Set<StageName> = []
      for settlement in settlements {
        if let stage = try await base.job(settlement.authority.job)?.stage { own.insert(stage) }
      }
      let seen = own
      return try await base.settle(settlements) { run in
        let stages = run.stages.map { ($0, seen.contains($0) ? $1 : StageResult(state: .queued, output: nil)) }
        return try plan(
          RunSnapshot(
            id: run.id, pipeline: run.pipeline, revision: run.revision, event: try run.event,
            stages: Dictionary(uniqueKeysWithValues: stages)))
      }
    }
  }

  private static let raisesAnyFence = store(
    "reissues without comparing", caughtBy: "a fence is raised only from the one that is named"
  ) { store, _ in
    let base = store.base
    store.reissuing = { jobs, cause throws(DriverError) in
      var (answers, handoff): ([ReissueAnswer], Handoff?) = ([], nil)
      for job in jobs {
        let fence = try await base.job(job.job)?.standing.fence ?? job.fence
        let result = try await base.reissue([FencedJob(job: job.job, fence: fence)], because: cause)
        answers += result.answers
        handoff = result.handoff
      }
      return ReissueResult(answers: answers, handoff: handoff)
    }
  }

  private static let replaysAnyFence = store(
    "replays without comparing", caughtBy: "fences go on over replays, and an old preview is refused"
  ) { store, _ in
    let base = store.base
    store.replaying = { requests, next throws(DriverError) in
      var changed: [ReplayRequest] = []
      for request in requests {
        let fence = try await base.job(request.job)?.standing.fence ?? request.fence
        changed.append(ReplayRequest(job: request.job, fence: fence, by: request.by, reason: request.reason))
      }
      return try await base.replay(changed, next: next)
    }
  }

  private static let forgetsHandoffs = store(
    "takes every handoff as arrived", caughtBy: "a job whose push was lost is found and pushed"
  ) { store, _ in
    let base = store.base
    store.routing = { limit, plan, next throws(DriverError) in
      let result = try await base.route(limit: limit, plan: plan, next: next)
      if let handoff = result.handoff { try await base.arrived([handoff.id]) }
      return result
    }
  }

  private static let forgetsAttempts = store(
    "counts attempts from the last push", caughtBy: "a wiped queue gives no job its attempts back"
  ) { store, _ in
    let base = store.base
    store.loading = { leases throws(DriverError) in
      try await base.load(leases).map { answer in
        guard case .job(var job) = answer else { return answer }
        job.standing.attempts = 0
        return .job(job)
      }
    }
  }

  private static let fillsAnyEpoch = store(
    "goes on with an old filling in a new epoch",
    caughtBy: "a filling that another epoch overtakes marks nothing as filled"
  ) { store, _ in
    let base = store.base
    store.refilling = { _, cursor, limit throws(DriverError) in
      try await base.refill(in: base.epoch(), after: cursor, limit: limit)
    }
  }

  private static let stopsRefilling = store(
    "refills one page only", caughtBy: "an emptied queue is filled with every live job, once"
  ) { store, _ in
    let base = store.base
    store.refilling = { epoch, cursor, limit throws(DriverError) in
      RefillPage(handoff: try await base.refill(in: epoch, after: cursor, limit: limit).handoff, next: nil)
    }
  }
}
