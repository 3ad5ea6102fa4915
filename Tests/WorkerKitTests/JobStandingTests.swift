import Testing
import WorkerKit

@Suite("Standings of jobs")
struct JobStandingTests {
  struct Change: Sendable {
    let name: String
    let state: JobState
    let attempts: Int
    var losses = 0
    var dueAt: Int64 = 0
    var isFenced = true
    var finishedAt: Int64?
    var waitingFor: String?
    let apply: @Sendable (JobStanding) -> JobStanding
  }

  private static let failure = Failure(.transient, "busy", "Busy.")
  private static let before = JobStanding(
    state: .running, fence: Fence(rawValue: 4), holder: "h", attempts: 2, losses: 1,
    dueAt: Timestamp(milliseconds: 50), startedAt: nil, finishedAt: nil, waitingFor: "worker")

  static let changes: [Change] = [
    settling(.succeeded(output: [], artifacts: []), state: .succeeded, attempts: 3, isEnd: true),
    settling(.failed(failure), state: .failed, attempts: 3, isEnd: true),
    settling(.timedOut(failure), state: .timedOut, attempts: 3, isEnd: true),
    settling(.retry(failure, after: .milliseconds(30)), state: .queued, attempts: 3, dueAt: 130),
    settling(.released, state: .queued, attempts: 2, dueAt: 100),
    settling(.parked(waitingFor: "worker"), state: .pending, attempts: 2, dueAt: 100, waitingFor: "worker"),
    settling(
      .awaiting(within: .milliseconds(50)), state: .pending, attempts: 2, dueAt: 150, waitingFor: "callback"),
    Change(name: "lost lease", state: .queued, attempts: 2, losses: 2, dueAt: 100) {
      $0.reissued(at: Timestamp(milliseconds: 100), countingLoss: true)
    },
    Change(name: "lost push, due later", state: .queued, attempts: 2, losses: 1, dueAt: 50) {
      $0.reissued(at: Timestamp(milliseconds: 10), countingLoss: false)
    },
    Change(name: "replayed", state: .queued, attempts: 0, losses: 1, dueAt: 100) {
      $0.settled(.failed(failure), by: "h", startedAt: nil, at: Timestamp(milliseconds: 90))
        .replayed(at: Timestamp(milliseconds: 100))
    },
  ]

  private static func settling(
    _ outcome: Outcome, state: JobState, attempts: Int, isEnd: Bool = false, dueAt: Int64 = 50,
    waitingFor: String? = nil
  ) -> Change {
    Change(
      name: outcome.word, state: state, attempts: attempts, losses: 1, dueAt: dueAt, isFenced: !isEnd,
      finishedAt: isEnd ? 100 : nil, waitingFor: waitingFor
    ) {
      $0.settled(
        outcome, by: "settler", startedAt: Timestamp(milliseconds: 60), at: Timestamp(milliseconds: 100))
    }
  }

  @Test(arguments: JobStandingTests.changes.indices) func movesTo(change index: Int) {
    let change = Self.changes[index]
    let after = change.apply(Self.before)
    #expect(after.state == change.state, "\(change.name)")
    #expect(after.attempts == change.attempts, "\(change.name)")
    #expect(after.losses == change.losses, "\(change.name)")
    #expect(after.dueAt == Timestamp(milliseconds: change.dueAt), "\(change.name)")
    #expect(after.fence.rawValue == (change.isFenced ? 5 : 4), "\(change.name)")
    #expect(after.holder == (change.isFenced ? nil : "settler"), "\(change.name)")
    #expect(after.finishedAt == change.finishedAt.map { Timestamp(milliseconds: $0) }, "\(change.name)")
    #expect(after.waitingFor == change.waitingFor, "\(change.name)")
  }

  @Test func settlingKeepsTheStart() {
    let started = Self.before.settled(
      .released, by: "h", startedAt: Timestamp(milliseconds: 1), at: Timestamp(milliseconds: 2))
    #expect(started.startedAt == Timestamp(milliseconds: 1))
    let again = started.settled(.released, by: "h", startedAt: nil, at: Timestamp(milliseconds: 3))
    #expect(again.startedAt == Timestamp(milliseconds: 1))
  }

  @Test func aNewJobIsQueuedAndDue() {
    let new = JobStanding(createdAt: Timestamp(milliseconds: 7))
    #expect(new.state == .queued)
    #expect(new.fence == .first)
    #expect(new.dueAt == Timestamp(milliseconds: 7))
    #expect(new.holder == nil && new.attempts == 0 && new.losses == 0)
  }

  @Test(arguments: JobState.allCases) func onlyTheHolderOfTheNewestFenceMayWrite(state: JobState) {
    var standing = Self.before
    standing.state = state
    func admits(fence: Int64 = 4, holder: Holder = "h", epoch: Epoch = .first) -> Bool {
      standing.admits(
        Authority(job: "j", epoch: epoch, fence: Fence(rawValue: fence), holder: holder), in: .first)
    }
    #expect(admits() == [.pending, .queued, .running].contains(state))
    #expect(!admits(fence: 3))
    #expect(!admits(fence: 5))
    #expect(!admits(holder: "other"))
    #expect(!admits(epoch: Epoch.first.raised))
    standing.holder = nil
    #expect(admits(holder: "other") == state.isLive)
  }

  @Test func deadLettersAreFailedOrTimedOut() {
    #expect(JobState.allCases.filter(\.isDead) == [.failed, .timedOut])
    #expect(JobState.allCases.filter(\.isLive) == [.pending, .queued, .running])
  }
}
