import AutosaveWorker
import Synchronization
import WorkerKit

/// The head of each document, for a store that has no file to keep revisions in.
final class MemoryShelf: RevisionShelf {
  private let kept = Mutex<[String: [Int: Save]]>([:])

  func keep(_ save: Save, by authority: Authority, at moment: Timestamp) async throws(Failure) -> SaveReceipt {
    kept.withLock { kept in
      kept[save.document, default: [:]][save.revision] = save
      return SaveReceipt(isStored: true, head: kept[save.document]?.keys.max() ?? save.revision)
    }
  }

  func history(of document: String, tenant: TenantID, before: Int?, limit: Int) async throws(DriverError) -> [Revision]
  {
    let saves = kept.withLock { $0[document]?.values.sorted { $0.revision > $1.revision } ?? [] }
    return saves.prefix(limit).map { save in
      Revision(
        number: save.revision, contentHash: save.contentHash, bytes: save.bytes, storedBytes: save.compressed.count,
        savedAt: Timestamp(milliseconds: 0))
    }
  }

  func content(of document: String, revision: Int, tenant: TenantID) async throws(DriverError) -> [UInt8]? {
    kept.withLock { $0[document]?[revision]?.compressed }
  }
}

/// A shelf that takes its time, and notes who is at work on which document.
final class WatchedShelf: RevisionShelf {
  private struct State {
    var active: [String: Int] = [:]
    var saves: [String: Int] = [:]
    var overlaps: [String] = []
  }

  private let inner: any RevisionShelf
  private let environment: Environment
  private let state = Mutex(State())

  init(_ inner: any RevisionShelf, environment: Environment) {
    self.inner = inner
    self.environment = environment
  }

  /// How many saves each document has had.
  var saves: [String: Int] { state.withLock { $0.saves } }
  /// The documents of which two saves were at work at once.
  var overlaps: [String] { state.withLock { $0.overlaps } }

  func keep(_ save: Save, by authority: Authority, at moment: Timestamp) async throws(Failure) -> SaveReceipt {
    state.withLock { state in
      if state.active[save.document, default: 0] > 0 { state.overlaps.append(save.document) }
      state.active[save.document, default: 0] += 1
      state.saves[save.document, default: 0] += 1
    }
    defer { state.withLock { $0.active[save.document, default: 0] -= 1 } }
    do { try await environment.time.sleep(for: .milliseconds(Int64(environment.random.next() % 400))) } catch {
      throw Failure(.transient, "cancelled", "The test is over.")
    }
    return try await inner.keep(save, by: authority, at: moment)
  }

  func history(of document: String, tenant: TenantID, before: Int?, limit: Int) async throws(DriverError) -> [Revision]
  {
    try await inner.history(of: document, tenant: tenant, before: before, limit: limit)
  }

  func content(of document: String, revision: Int, tenant: TenantID) async throws(DriverError) -> [UInt8]? {
    try await inner.content(of: document, revision: revision, tenant: tenant)
  }
}
