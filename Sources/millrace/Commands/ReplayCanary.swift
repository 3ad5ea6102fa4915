import WorkerKit

/// One dead letter that is replayed before the others, to see whether its cause is mended.
struct ReplayCanary {
  let server: ServerConnection

  /// How long to wait between two looks.
  private static let pause = Duration.milliseconds(250)
  private static let ends = ["SUCCEEDED", "FAILED", "TIMED_OUT", "CANCELLED"]

  /// Waits for the end of a job that was replayed with this answer.
  /// - Throws: A `CommandError` where it was not replayed, or did not succeed.
  func wait(for answer: JSON?) async throws(CommandError) {
    guard let answer else { return }
    let id = answer.cell("id")
    guard answer.cell("status") == "replayed" else {
      throw .failed("the canary \(id) was not replayed (\(answer.cell("status"))); nothing else was")
    }
    Console.complain("waiting for the canary \(id)")
    while true {
      let job = try await server.get("/v1/jobs/\(ServerConnection.escaped(id))")
      let state = job.cell("state")
      if state == "SUCCEEDED" { return }
      guard !Self.ends.contains(state) else {
        let cause = job["failure"]?.cell("message") ?? state
        throw .failed("the canary \(id) ended \(state): \(cause) Nothing else was replayed")
      }
      do { try await Task.sleep(for: Self.pause) } catch { throw .failed("the wait for the canary was cut short") }
    }
  }
}
