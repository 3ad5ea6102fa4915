import AutosaveWorker
import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Only the attempt that holds the job saves", .timeLimit(.minutes(5)))
struct AuthorityTests {
  @Test("After the job was settled nothing is written")
  func refusesSettled() async throws {
    try await Desk.open { desk async throws in
      let lease = try await desk.lease()
      let settlement = Settlement(
        authority: lease.authority, outcome: .succeeded(output: Array("{}".utf8), artifacts: []), host: "host",
        startedAt: nil)
      let settled = try await desk.embedded.store.settle([settlement]) { _ in RunPlan(state: .succeeded) }
      #expect(settled.answers == [.settled])
      await expectLost(desk, lease)
    }
  }

  @Test("After the fence was raised nothing is written, and the new holder saves")
  func refusesOldFence() async throws {
    try await Desk.open { desk async throws in
      let lease = try await desk.lease()
      let reissued = try await desk.embedded.store.reissue([lease.authority.claim], because: .lost)
      #expect(reissued.answers == [.raised])
      await expectLost(desk, lease)
      let known = try await desk.embedded.store.job(lease.authority.job)
      let fence = try #require(known?.standing.fence)
      #expect(fence > lease.authority.fence)
      let newer = Authority(job: lease.authority.job, epoch: lease.authority.epoch, fence: fence, holder: "next")
      let successor = Lease(authority: newer, queue: lease.queue, length: lease.length)
      #expect(try await desk.save(1, "A", under: successor)["stored"] == true)
    }
  }

  @Test("Another epoch, another holder and an unknown job may not write")
  func refusesStrangers() async throws {
    try await Desk.open { desk async throws in
      let lease = try await desk.lease()
      let mine = lease.authority
      let begun = BegunAttempt(authority: mine, startedAt: desk.time.now)
      #expect(try await desk.embedded.store.begin([begun]) == [.kept])
      for stranger in [
        Authority(job: mine.job, epoch: mine.epoch.raised, fence: mine.fence, holder: mine.holder),
        Authority(job: mine.job, epoch: mine.epoch, fence: mine.fence, holder: "thief"),
        Authority(job: "nobody", epoch: mine.epoch, fence: mine.fence, holder: mine.holder),
      ] { await expectLost(desk, Lease(authority: stranger, queue: lease.queue, length: lease.length)) }
      #expect(try await desk.save(1, "A", under: lease)["stored"] == true)
    }
  }

  @Test("The check and the save are one transaction: what settles in the same commit before it wins")
  func checksInsideTheTransaction() async throws {
    try await Desk.open { desk async throws in
      let lease = try await desk.lease()
      let entered = Signal()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addImmediateTask {
          try await desk.embedded.database.write { transaction in
            entered.raise()
            // The authority still holds for whoever asks before this commit.
            #expect(try transaction.admits(lease.authority))
            // The one job that there is.
            let changed = try transaction.run("UPDATE jobs SET fence = fence + 1")
            #expect(changed == 1)
          }
        }
        group.addTask { await expectLost(desk, lease, after: entered) }
        try await group.waitForAll()
      }
    }
  }

  private func expectLost(_ desk: Desk, _ lease: Lease, after signal: Signal? = nil) async {
    if let signal { await signal.wait(after: 0) }
    let failure = await desk.refusal(1, "A", under: lease)
    #expect(failure?.code == "authority_lost")
    #expect(failure?.kind == .transient)
    for table in ["autosave_documents", "autosave_revisions", "autosave_contents"] {
      #expect(await count(of: table, in: desk) == 0, "\(table)")
    }
  }

  private func count(of table: String, in desk: Desk) async -> Int? {
    let rows = try? await desk.embedded.database.read { transaction in
      switch table {
      case "autosave_documents": try transaction.rows("SELECT 1 FROM autosave_documents")
      case "autosave_revisions": try transaction.rows("SELECT 1 FROM autosave_revisions")
      default: try transaction.rows("SELECT 1 FROM autosave_contents")
      }
    }
    return rows?.count
  }
}
