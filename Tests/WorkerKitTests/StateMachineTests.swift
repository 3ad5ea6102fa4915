import Foundation
import Testing
import WorkerKit

/// Compares `docs/state-machine.md` with what the code does.
@Suite("The state machine's page", .timeLimit(.minutes(5)))
struct StateMachineTests {
  /// One change of a job's standing, and the states in which it is made.
  struct Change: Sendable {
    let name: String
    let from: [JobState]
    let apply: @Sendable (JobStanding) -> JobStanding
  }

  private static let now = Timestamp(milliseconds: 1_000)
  private static let failure = Failure(.transient, "busy", "Busy.")
  private static let live = JobState.allCases.filter(\.isLive)

  static let changes: [Change] =
    [
      settling(.succeeded(output: [], artifacts: []), from: answered), settling(.failed(failure), from: answered),
      settling(.timedOut(failure), from: answered), settling(.retry(failure, after: .milliseconds(30)), from: answered),
      settling(.released), settling(.parked(waitingFor: "worker")), settling(.awaiting(within: .milliseconds(30))),
    ] + [
      Change(name: "lost", from: [.queued, .running]) { $0.reissued(at: now, countingLoss: true) },
      Change(name: "overdue", from: [.queued]) { $0.reissued(at: now, countingLoss: false) },
      Change(name: "waits", from: [.pending, .queued]) { $0.waiting(for: "turn") },
      Change(name: "ready", from: [.pending]) { $0.ready(dueAt: now) },
      Change(name: "shared", from: [.pending, .queued]) { $0.shared(.succeeded, at: now) },
      Change(name: "shared", from: [.pending]) { $0.shared(.failed, at: now) },
      Change(name: "superseded", from: live) { $0.cancelled(because: "superseded", at: now) },
      Change(name: "cancelled", from: live) { $0.cancelled(because: CancelRequest.word, at: now) },
      Change(name: "replayed", from: JobState.allCases.filter(\.isDead)) { $0.replayed(at: now) },
    ]

  /// What a callback settles is PENDING.
  private static let answered: [JobState] = [.pending, .running]

  private static func settling(_ outcome: Outcome, from states: [JobState] = [.running]) -> Change {
    Change(name: outcome.word, from: states) {
      $0.settled(outcome, by: "settler", startedAt: nil, at: now)
    }
  }

  private static func before(_ state: JobState) -> JobStanding {
    JobStanding(
      state: state, fence: Fence(rawValue: 4), holder: "holder", attempts: 2, losses: 1,
      dueAt: Timestamp(milliseconds: 50), startedAt: nil, finishedAt: nil, waitingFor: nil)
  }

  /// The change as a row of the page's table.
  private static func row(_ change: Change) -> String {
    let before = before(change.from[0])
    let after = change.apply(before)
    let due =
      switch after.dueAt {
      case before.dueAt: "same"
      case now: "now"
      case now + .milliseconds(30): "after the wait"
      default: "?"
      }
    let attempts =
      switch after.attempts {
      case before.attempts: "same"
      case before.attempts + 1: "+1"
      case 0: "0"
      default: "?"
      }
    let holder =
      switch after.holder {
      case nil: "none"
      case before.holder: "same"
      default: "who settled"
      }
    let cells = [
      change.name, change.from.map(\.rawValue).joined(separator: ", "), after.state.rawValue,
      after.fence == before.fence ? "same" : "+1", holder, attempts,
      after.losses == before.losses ? "same" : "+1", due, after.finishedAt == nil ? "no" : "yes",
    ]
    return "| \(cells.joined(separator: " | ")) |"
  }

  private static func page() throws -> [String] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/state-machine.md")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  @Test func theTableSaysWhatTheCodeDoes() throws {
    let page = try Self.page()
    let head = "| change | from | to | fence | holder | attempts | losses | due | ended |"
    let start = try #require(page.firstIndex(of: head), "The page has no table; it begins with \(head)")
    let rows = page[(start + 2)...].prefix { $0.hasPrefix("|") && !$0.hasPrefix("| change | verb") }
    let wanted = Self.changes.map(Self.row)
    #expect(Array(rows) == wanted, "The table should be:\n\(wanted.joined(separator: "\n"))")
  }

  @Test func whereAJobComesFromMakesNoDifference() {
    for change in Self.changes {
      let ends = JobState.allCases.map { state in
        var standing = change.apply(Self.before(state))
        standing.startedAt = nil
        return standing
      }
      #expect(Set(ends).count == 1, "\(change.name)")
    }
  }

  @Test func theDiagramHasEveryChangeAndNoOther() throws {
    var wanted: Set<String> = ["[*] > QUEUED created", "QUEUED > RUNNING begun", "PENDING > QUEUED announced"]
    for change in Self.changes {
      for state in change.from {
        wanted.insert("\(state.rawValue) > \(change.apply(Self.before(state)).state.rawValue) \(change.name)")
      }
    }
    var drawn: Set<String> = []
    for line in try Self.page() where line.contains(" --> ") && !line.hasSuffix("[*]") {
      let parts = line.trimmingCharacters(in: .whitespaces).components(separatedBy: " --> ")
      let ends = parts[1].components(separatedBy: ": ")
      for name in ends[1].components(separatedBy: ", ") { drawn.insert("\(parts[0]) > \(ends[0]) \(name)") }
    }
    #expect(drawn.subtracting(wanted).sorted() == [])
    #expect(wanted.subtracting(drawn).sorted() == [])
  }

  @Test func everyStateIsExplained() throws {
    let page = try Self.page()
    for state in JobState.allCases { #expect(page.contains { $0.hasPrefix("| \(state.rawValue) |") }) }
    let named = page.filter { $0.hasPrefix("| ") }.joined()
    for change in Self.changes { #expect(named.contains(change.name), "\(change.name)") }
  }

  @Test(arguments: [
    "worker", "revision", "turn", "window", "execution", "superseded", "shared", CancelRequest.word,
  ])
  func everyWaitHasASentence(word: String) {
    let reason = Self.before(.queued).waiting(for: word).waitingReason ?? ""
    #expect(reason.hasSuffix(".") && !reason.contains("'"), "\(reason)")
  }

  @Test func aWordWithoutASentenceIsShown() {
    #expect(Self.before(.queued).waiting(for: "tide").waitingReason == "It waits for 'tide'.")
    #expect(Self.before(.queued).waitingReason == nil)
  }
}
