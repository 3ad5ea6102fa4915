public import WorkerKit

extension InMemoryStore {
  public func activate(_ revisions: [PipelineRevision]) async throws(DriverError) -> Int64 {
    state.withLock { state in
      let wanted = revisions.sorted { $0.pipeline < $1.pipeline }
      for revision in wanted { state.revisions[revision.hash] = revision }
      if wanted != state.active {
        state.active = wanted
        state.activation += 1
      }
      return state.activation
    }
  }

  public func activeRevisions() async throws(DriverError) -> [PipelineRevision] { state.withLock { $0.active } }

  public func revisions(_ hashes: [RevisionHash]) async throws(DriverError) -> [PipelineRevision] {
    state.withLock { state in hashes.compactMap { state.revisions[$0] } }
  }
}
