internal import WorkerKit

extension SeamCheck {
  /// What is paused, as the store remembers it.
  static let storedPauses = [
    keepsPauses, pausesOnce, resumesWhatIsPaused, countsChanges, keepsDeeds, deedsLeaveByAge, pausesTogether,
    holdsByScope,
  ]

  private static let scopes: [PauseScope] = [
    .queue("media"), .pipeline("media"), .stage("media", "scan"), .tenant("acme/7"),
  ]

  private static let keepsPauses = SeamCheck("a pause is kept with who, why and when", scenarios: [16]) { bench in
    try expect(try await bench.store.pauses(), is: Pauses(), "Nothing is paused at first.")
    let answers = try await bench.store.pause(scopes, by: "ada", reason: "the disk is full")
    try expect(answers, is: scopes.map { _ in .paused }, "Scopes of every kind are paused.")
    let kept = try await bench.store.pauses()
    let expected = scopes.sorted().map { Pause($0, at: bench.time.now, by: "ada", reason: "the disk is full") }
    try expect(kept.pauses, is: expected, "Each is kept as it was named.")
    try expect(kept.scopes, is: Set(scopes), "A queue is told of the same.")
    _ = try await bench.store.advanceEpoch()
    try expect(try await bench.store.pauses(), is: kept, "They outlive the queue's epoch.")
  }

  private static let pausesOnce = SeamCheck("whoever paused something first stands") { bench in
    _ = try await bench.store.pause([scopes[0]], by: "ada", reason: "first")
    let kept = try await bench.store.pauses()
    bench.time.advance(by: .seconds(60))
    let again = try await bench.store.pause([scopes[0], scopes[0]], by: "ben", reason: "second")
    try expect(again, is: [.known, .known], "It is paused already.")
    try expect(try await bench.store.pauses(), is: kept, "Nothing was changed, the version not either.")
    let twice = try await bench.store.pause([scopes[1], scopes[1]], by: "ben", reason: "second")
    try expect(twice, is: [.paused, .known], "A batch pauses a scope once.")
    try expect(try await bench.store.pause([], by: "ben", reason: "none"), is: [], "Nothing is nothing.")
  }

  private static let resumesWhatIsPaused = SeamCheck("a scope that is resumed is paused no more") { bench in
    _ = try await bench.store.pause(scopes, by: "ada", reason: "off")
    let answers = try await bench.store.resume([scopes[1], scopes[1], .tenant("other")], by: "ben", reason: "on")
    try expect(answers, is: [.resumed, .missing, .missing], "What is not paused cannot be resumed.")
    let left = try await bench.store.pauses()
    try expect(left.scopes, is: Set(scopes).subtracting([scopes[1]]), "The others stay paused.")
    try expect(try await bench.store.pause([scopes[1]], by: "cleo", reason: "anew"), is: [.paused], "It can be again.")
    let anew = try await bench.store.pauses().pauses.first { $0.scope == scopes[1] }
    try expect(anew?.by, is: "cleo", "Whoever paused it anew stands.")
  }

  private static let countsChanges = SeamCheck("every change of pauses has a newer version") { bench in
    var versions = [try await bench.store.pauses().version]
    for scope in scopes {
      _ = try await bench.store.pause([scope], by: "ada", reason: "off")
      versions.append(try await bench.store.pauses().version)
    }
    for scope in scopes {
      _ = try await bench.store.resume([scope], by: "ada", reason: "on")
      versions.append(try await bench.store.pauses().version)
    }
    try expect(zip(versions, versions.dropFirst()).allSatisfy { $0 < $1 }, "Each is newer than the one before.")
    _ = try await bench.store.resume(scopes, by: "ada", reason: "on")
    try expect(try await bench.store.pauses(), is: Pauses(version: versions.last ?? 0), "No change, no version.")
  }

  private static let keepsDeeds = SeamCheck("who paused and resumed what is known, newest first") { bench in
    _ = try await bench.store.pause([scopes[0], scopes[1]], by: "ada", reason: "off")
    bench.time.advance(by: .seconds(1))
    _ = try await bench.store.resume([scopes[0]], by: "ben", reason: "on")
    _ = try await bench.store.resume([scopes[0]], by: "cleo", reason: "in vain")
    let deeds = try await bench.store.pauseDeeds(before: nil, limit: 9)
    try expect(deeds.map(\.action), is: [.resume, .pause, .pause], "What changed nothing is no deed.")
    try expect(deeds.map(\.scope), is: [scopes[0], scopes[1], scopes[0]], "Each is of one scope.")
    try expect(deeds.map(\.by), is: ["ben", "ada", "ada"], "Who did it is known.")
    try expect(deeds.first?.reason, is: "on", "So is why,")
    try expect(deeds.first?.at, is: bench.time.now, "and when.")
    let page = try await bench.store.pauseDeeds(before: deeds[0].number, limit: 1)
    try expect(page, is: [deeds[1]], "They come in pages.")
  }

  private static let deedsLeaveByAge = SeamCheck("who paused what leaves by age, and the pause stays") { bench in
    let policy = RetentionPolicy()
    _ = try await bench.store.pause([scopes[0], scopes[1]], by: "ada", reason: "off")
    bench.time.advance(by: policy.audit)
    _ = try await bench.store.resume([scopes[1]], by: "ada", reason: "on")
    try expect(try await bench.pruneAll(policy), is: Pruned(), "A deed is kept for its time.")
    bench.time.advance(by: .seconds(1))
    try expect(try await bench.pruneAll(policy, limit: 1), is: Pruned(audit: 2), "Then it leaves.")
    try expect(
      try await bench.store.pauseDeeds(before: nil, limit: 9).map(\.action), is: [.resume], "Younger ones stay.")
    let kept = try await bench.store.pauses()
    try expect(kept.scopes, is: [scopes[0]], "What is paused is so still.")
    try expect(kept.pauses.first?.by, is: "ada", "And by whom is known.")
  }

  private static let pausesTogether = SeamCheck("of many who pause at once each is counted") { bench in
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<8 {
        group.addTask {
          let scope = PauseScope.tenant(TenantID("t\(number)"))
          _ = try await bench.store.pause([scope, .queue("media")], by: "ada", reason: "off")
        }
      }
      try await group.waitForAll()
    }
    let kept = try await bench.store.pauses()
    try expect(kept.pauses.count, is: 9, "Every scope is paused once.")
    try expect(kept.version, is: 8, "Each transaction that changed something is a version of its own.")
    let deeds = try await bench.store.pauseDeeds(before: nil, limit: 20)
    try expect(deeds.count, is: 9, "So many deeds were done.")
  }

  private static let holdsByScope = SeamCheck("what holds a job back is found") { bench in
    let id = try await bench.startOne()
    let job = try require(try await bench.store.job(id), "The job is there.")
    let own: [PauseScope] = [
      .tenant(SeamBench.tenant), .stage(SeamBench.pipeline, "work"), .pipeline(SeamBench.pipeline), .queue(.standard),
    ]
    _ = try await bench.store.pause(scopes, by: "ada", reason: "off")
    try expect(try await bench.store.pauses().holding(job), is: nil, "Other scopes do not hold it.")
    for scope in own {
      _ = try await bench.store.pause([scope], by: "ada", reason: "off")
      try expect(try await bench.store.pauses().holding(job)?.scope, is: scope, "The widest is told.")
    }
  }
}
