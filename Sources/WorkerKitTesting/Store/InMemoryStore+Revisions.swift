public import WorkerKit

extension InMemoryStore {
  public func activate(_ offer: FolderOffer) async throws(DriverError) -> Int64 {
    state.withLock { state in
      for revision in offer.revisions { state.revisions[revision.hash] = revision }
      state.active.take(offer)
      return state.activate(at: environment.time.now, by: offer.folder)
    }
  }

  public func rollback(to number: Int64, by: String, reason: String) async throws(DriverError) -> Int64? {
    state.withLock { state in
      guard let earlier = state.activations.first(where: { $0.number == number }) else { return nil }
      state.active.restore(earlier.revisions)
      return state.activate(at: environment.time.now, by: by, reason: reason, restoring: number)
    }
  }

  public func activations(before: Int64?, limit: Int) async throws(DriverError) -> [Activation] {
    state.withLock { state in
      Array(state.activations.reversed().filter { $0.number < before ?? .max }.prefix(limit))
    }
  }

  public func activeRevisions() async throws(DriverError) -> [PipelineRevision] {
    state.withLock { state in
      state.active.revisions.values.compactMap { state.revisions[$0] }.sorted { $0.pipeline < $1.pipeline }
    }
  }

  public func revisions(_ hashes: [RevisionHash]) async throws(DriverError) -> [PipelineRevision] {
    state.withLock { state in hashes.compactMap { state.revisions[$0] } }
  }
}

extension StoreState {
  /// Numbers the active revisions where they are others than before; the number in force.
  fileprivate mutating func activate(
    at moment: Timestamp, by: String, reason: String = "", restoring number: Int64? = nil
  ) -> Int64 {
    let latest = activations.last
    guard active.revisions != latest?.revisions ?? [:] else { return latest?.number ?? 0 }
    let activation = Activation(
      number: (latest?.number ?? 0) + 1, at: moment, by: by, reason: reason, restored: number,
      revisions: active.revisions)
    activations.append(activation)
    return activation.number
  }
}
