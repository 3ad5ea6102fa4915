import Synchronization
import Testing
import WorkerKit
import WorkerKitTesting

@testable import PostgreSQLDriver

@Suite("Events of several callers in one transaction", .timeLimit(.minutes(5)))
struct RecorderTests {
  /// Stands for the transactions: what each was given, and whether it may end.
  private final class Ledger: Sendable {
    private let batches = Mutex<[[String]]>([])
    let begun = Signal()
    let mayEnd = Signal()

    var kept: [[String]] { batches.withLock { $0 } }

    func keep(_ batch: PostgresRecorder.Batch) async throws(DriverError) -> [RecordAnswer] {
      let ids = batch.map(\.envelope.id.rawValue)
      batches.withLock { $0.append(ids) }
      begun.raise()
      await mayEnd.wait(after: 0)
      if ids.contains("bad") { throw DriverError(.refused, "unstorable", "The batch cannot be stored.") }
      return ids.map { $0 == "known" ? .duplicate : .accepted }
    }

    /// Returns when so many transactions have begun.
    func wait(for count: Int) async {
      while true {
        let seen = begun.count
        if kept.count >= count { return }
        await begun.wait(after: seen)
      }
    }
  }

  private static func batch(_ ids: [String]) -> PostgresRecorder.Batch {
    ids.map { id in
      let event = EventEnvelope(
        id: EventID(id), type: "Checked", occurredAt: Timestamp(milliseconds: 0), tenant: "acme", payload: [:])
      return (event, event.bytes)
    }
  }

  /// A transaction is under way for `first`; the others come meanwhile, one after the other.
  private func record(_ others: [[String]], _ ledger: Ledger) async -> [Result<[RecordAnswer], DriverError>] {
    let recorder = PostgresRecorder()
    @Sendable func answer(_ ids: [String]) async -> Result<[RecordAnswer], DriverError> {
      do throws(DriverError) {
        return .success(
          try await recorder.record(Self.batch(ids)) { batch async throws(DriverError) in
            try await ledger.keep(batch)
          })
      } catch {
        return .failure(error)
      }
    }
    async let first = answer(["first"])
    await ledger.wait(for: 1)
    let answers = await withTaskGroup(of: (Int, Result<[RecordAnswer], DriverError>).self) { group in
      for (index, ids) in others.enumerated() {
        group.addTask { (index, await answer(ids)) }
        while recorder.waiting <= index { await Task.yield() }
      }
      ledger.mayEnd.raise()
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    _ = await first
    return others.indices.compactMap { answers[$0] }
  }

  @Test("Who comes while a transaction is under way shares the next transaction, and gets its own answers")
  func shares() async throws {
    let ledger = Ledger()
    let answers = await record([["a", "known"], ["b"], ["known"]], ledger)
    #expect(try answers.map { try $0.get() } == [[.accepted, .duplicate], [.accepted], [.duplicate]])
    #expect(ledger.kept == [["first"], ["a", "known", "b", "known"]])
  }

  @Test("What is refused is refused to who brought it, and the others are kept")
  func dividesWhatIsRefused() async throws {
    let ledger = Ledger()
    let answers = await record([["a"], ["bad"], ["b"]], ledger)
    #expect(try answers[0].get() == [.accepted] && answers[2].get() == [.accepted])
    #expect(throws: DriverError.self) { try answers[1].get() }
    #expect(ledger.kept.count == 5)
  }

  @Test("A transaction takes no more than its limit of those that wait")
  func isBounded() async throws {
    let ledger = Ledger()
    let large = (0..<400).map { "event-\($0)" }
    let answers = await record([large, large, ["small"]], ledger)
    #expect(answers.allSatisfy { if case .success = $0 { true } else { false } })
    #expect(ledger.kept.map(\.count).sorted() == [1, 400, 401])
  }
}
