import WorkerKit

extension Signal {
  /// Runs `body`, and cancels it when this is raised before its end.
  /// - Returns: False where this was raised first.
  func bounding(_ body: @escaping @Sendable () async throws -> Void) async throws -> Bool {
    try await withThrowingTaskGroup(of: Bool.self) { tasks in
      tasks.addTask {
        try await body()
        return true
      }
      tasks.addTask {
        await self.wait(after: 0)
        return false
      }
      let isDone = try await tasks.next() ?? false
      tasks.cancelAll()
      return isDone
    }
  }
}
