public import WorkerKit

extension InMemoryStore {
  public func pause(
    _ scopes: [PauseScope], by: String, reason: String
  ) async throws(DriverError) -> [PauseAnswer] {
    let now = environment.time.now
    return state.withLock { state in
      let changed = state.change(scopes) { scope, state in
        guard state.pauses[scope] == nil else { return false }
        state.pauses[scope] = Pause(scope, at: now, by: by, reason: reason)
        state.note(.pause, of: scope, at: now, by: by, reason: reason)
        return true
      }
      return changed.map { $0 ? .paused : .known }
    }
  }

  public func resume(
    _ scopes: [PauseScope], by: String, reason: String
  ) async throws(DriverError) -> [ResumeAnswer] {
    let now = environment.time.now
    return state.withLock { state in
      let changed = state.change(scopes) { scope, state in
        guard state.pauses.removeValue(forKey: scope) != nil else { return false }
        state.note(.resume, of: scope, at: now, by: by, reason: reason)
        return true
      }
      return changed.map { $0 ? .resumed : .missing }
    }
  }

  public func pauses() async throws(DriverError) -> Pauses {
    state.withLock { Pauses(version: $0.pausesVersion, Array($0.pauses.values)) }
  }

  public func pauseDeeds(before: Int64?, limit: Int) async throws(DriverError) -> [PauseDeed] {
    state.withLock { Array($0.pauseDeeds.reversed().filter { $0.number < before ?? .max }.prefix(limit)) }
  }
}

extension StoreState {
  /// Changes scopes, and counts one more version where any of them was changed.
  fileprivate mutating func change(
    _ scopes: [PauseScope], _ body: (PauseScope, inout StoreState) -> Bool
  ) -> [Bool] {
    let changed = scopes.map { body($0, &self) }
    if changed.contains(true) { pausesVersion += 1 }
    return changed
  }

  fileprivate mutating func note(
    _ action: PauseDeed.Action, of scope: PauseScope, at moment: Timestamp, by: String, reason: String
  ) {
    lastPauseDeed += 1
    pauseDeeds.append(
      PauseDeed(number: lastPauseDeed, at: moment, by: by, action: action, scope: scope, reason: reason))
  }
}
