import WorkerKit

extension Mutant {
  static let tellsNoEnds = store(
    "does not tell what a settlement ended besides", caughtBy: "what ends with another's result is told once"
  ) { store, _ in
    let base = store.base
    store.settling = { settlements, plan throws(DriverError) in
      let result = try await base.settle(settlements, plan: plan)
      return SettleResult(answers: result.answers, handoff: result.handoff, emitted: result.emitted)
    }
  }

  static let tellsEndsAgain = store(
    "tells what it was asked to cancel, whether it was live or not", caughtBy: "what is cancelled is told once"
  ) { store, _ in
    let base = store.base
    store.cancelling = { requests, next throws(DriverError) in
      let result = try await base.cancel(requests, next: next)
      var named: [Job] = []
      for case .run(let run) in requests.map(\.target) { named += try await base.jobs(of: run) }
      return CancelResult(answers: result.answers, jobs: result.jobs, handoff: result.handoff, ended: named)
    }
  }

  static let looksAtStateFirst = store(
    "looks at the state before the fence in a replay", caughtBy: "only a dead letter can be replayed"
  ) { store, _ in
    let base = store.base
    store.replaying = { requests, next throws(DriverError) in
      let result = try await base.replay(requests, next: next)
      var answers: [ReplayAnswer] = []
      for (request, answer) in zip(requests, result.answers) {
        let isDead = try await base.job(request.job)?.standing.state.isDead ?? true
        answers.append(answer == .changed && !isDead ? .notDead : answer)
      }
      return ReplayResult(answers: answers, handoff: result.handoff, ended: result.ended)
    }
  }
}
