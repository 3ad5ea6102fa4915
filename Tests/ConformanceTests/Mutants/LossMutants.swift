import WorkerKit

extension Mutant {
  static let convictsHolders = store(
    "takes a lost lease as the job's own fault",
    caughtBy: "leases lost without a witness are losses and no failures, however many"
  ) { store, _ in
    let base = store.base
    store.reissuing = { jobs, cause throws(DriverError) in
      guard cause == .lost else { return try await base.reissue(jobs, because: cause) }
      let epoch = try await base.epoch()
      for job in jobs {
        let holder = try await base.job(job.job)?.standing.holder ?? "nobody"
        let settlement = Settlement(
          authority: Authority(job: job.job, epoch: epoch, fence: job.fence, holder: holder),
          outcome: .failed(Failure(.crash, "suspect", "Its host was lost.")), host: "nobody", startedAt: nil)
        _ = try await base.settle([settlement]) { _ in RunPlan(state: .failed) }
      }
      return ReissueResult(answers: jobs.map { _ in .ended }, handoff: nil)
    }
  }

  static let takesLossesAsAttempts = store(
    "counts losses as attempts", caughtBy: "leases lost without a witness are losses and no failures, however many"
  ) { store, _ in
    let base = store.base
    store.loading = { leases throws(DriverError) in
      try await base.load(leases).map { answer in
        guard case .job(var job) = answer else { return answer }
        job.standing.attempts += job.standing.losses
        return .job(job)
      }
    }
  }

  static let forgetsDuplicates = store(
    "knows an event by its runs", caughtBy: "an event sent again within the window is known, whatever has left"
  ) { store, _ in
    let base = store.base
    store.recording = { events throws(DriverError) in
      var answers: [RecordAnswer] = []
      for (event, answer) in zip(events, try await base.record(events)) {
        let known = try await base.events(id: event.id, tenant: event.tenant).first
        let runs = if let known { try await base.runs(of: known) } else { [RunRecord]() }
        answers.append(runs.isEmpty ? .accepted : answer)
      }
      return answers
    }
  }

  static let loadsWhatEnded = store(
    "loads by the holder alone", caughtBy: "whoever looks sees a cancellation that the queue never heard of"
  ) { store, _ in
    let base = store.base
    store.loading = { leases throws(DriverError) in
      var answers: [LoadAnswer] = []
      for (lease, answer) in zip(leases, try await base.load(leases)) {
        let job = try await base.job(lease.authority.job)
        answers.append(job.map { .job($0) } ?? answer)
      }
      return answers
    }
  }
}
