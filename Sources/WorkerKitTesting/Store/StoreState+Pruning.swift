internal import WorkerKit

/// What leaves beside runs and events.
extension StoreState {
  mutating func pruneWindows(before moment: Timestamp, limit: Int) -> Int {
    let over = windows.filter { key, window in window.isEmpty && windowTimes[key].map { $0 < moment } ?? true }
    for key in over.keys.prefix(limit) { (windows[key], windowTimes[key]) = (nil, nil) }
    return min(over.count, limit)
  }

  mutating func pruneEventReplays(before moment: Timestamp, limit: Int) -> Int {
    let over = replayedAt.filter { id, at in at < moment && replayed[id, default: []].isEmpty }
    for id in over.keys.prefix(limit) { (replayed[id], replayedAt[id]) = (nil, nil) }
    return min(over.count, limit)
  }

  /// What was done to jobs that are there stays, whatever its age.
  mutating func pruneAudit(before moment: Timestamp, limit: Int) -> Int {
    var removed = 0
    for (job, records) in audits where jobs[job] == nil {
      let old = min(records.prefix { $0.at < moment }.count, limit - removed)
      audits[job] = old < records.count ? Array(records.dropFirst(old)) : nil
      removed += old
    }
    let old = min(pauseDeeds.prefix { $0.at < moment }.count, limit - removed)
    pauseDeeds.removeFirst(old)
    return removed + old
  }

  mutating func pruneActivations(replacedBefore moment: Timestamp, limit: Int) -> Int {
    let over = zip(activations, activations.dropFirst()).filter { activation, next in
      let isLastOfFolder =
        activation.restored == nil
        && !activations.contains { $0.number > activation.number && $0.by == activation.by && $0.restored == nil }
      return next.at < moment && !isLastOfFolder
    }
    let numbers = Set(over.prefix(limit).map(\.0.number))
    activations.removeAll { numbers.contains($0.number) }
    return numbers.count
  }

  mutating func pruneRevisions(limit: Int) -> Int {
    var needed = Set(runs.values.map(\.record.revision))
    for activation in activations { needed.formUnion(activation.revisions.values) }
    for held in active.folders.values { needed.formUnion(held.values) }
    let over = revisions.keys.filter { !needed.contains($0) }.prefix(limit)
    for hash in over { revisions[hash] = nil }
    return over.count
  }
}
