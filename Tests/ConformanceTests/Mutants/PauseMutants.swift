import WorkerKit

extension Mutant {
  static let pauseMutants = [pausesOver, pausesUncounted, pausesWithoutTurns, resumesAnything]

  private static let pausesOver = store(
    "takes the last who paused for the one who did", caughtBy: "whoever paused something first stands"
  ) { store, _ in
    let base = store.base
    store.pausing = { scopes, by, reason throws(DriverError) in
      let paused = try await base.pauses().scopes
      _ = try await base.resume(scopes, by: by, reason: reason)
      _ = try await base.pause(scopes, by: by, reason: reason)
      return scopes.map { paused.contains($0) ? .known : .paused }
    }
  }

  private static let pausesUncounted = store(
    "counts what is paused instead of what was changed", caughtBy: "every change of pauses has a newer version"
  ) { store, _ in
    let base = store.base
    store.tellingPauses = { () throws(DriverError) in
      let pauses = try await base.pauses().pauses
      return Pauses(version: Int64(pauses.count), pauses)
    }
  }

  private static let pausesWithoutTurns = store(
    "counts every request as a change", caughtBy: "of many who pause at once each is counted"
  ) { store, _ in
    let base = store.base
    store.pausing = { scopes, by, reason throws(DriverError) in
      var answers: [PauseAnswer] = []
      for scope in scopes { answers += try await base.pause([scope], by: by, reason: reason) }
      return answers
    }
  }

  private static let resumesAnything = store(
    "answers that it resumed what was not paused", caughtBy: "a scope that is resumed is paused no more"
  ) { store, _ in
    let base = store.base
    store.resuming = { scopes, by, reason throws(DriverError) in
      _ = try await base.resume(scopes, by: by, reason: reason)
      return scopes.map { _ in .resumed }
    }
  }
}
