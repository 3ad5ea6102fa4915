internal import Synchronization
import WorkerKit

/// Records what several callers bring at the same time in one transaction, so that many small requests cost few
/// commits.
///
/// Whoever finds no transaction under way goes at once, with its own events alone: nobody waits for company. Who comes
/// meanwhile waits in line, and the next transaction takes all that fits.
final class PostgresRecorder: Sendable {
  /// Events with the bytes that are kept of them.
  typealias Batch = [(envelope: EventEnvelope, bytes: [UInt8])]
  /// Keeps a batch in one transaction.
  typealias Keep = @Sendable (Batch) async throws(DriverError) -> [RecordAnswer]

  private struct Caller: Sendable {
    let batch: Batch
    let continuation: CheckedContinuation<Turn, Never>
  }

  private enum Turn {
    /// The caller does the next transaction, for these others as well.
    case lead([Caller])
    /// The caller does one for itself: its company was refused, and it need not be to blame.
    case alone
    case answered(Result<[RecordAnswer], DriverError>)
  }

  private struct State {
    var isBusy = false
    var waiting: [Caller] = []
  }

  private let state = Mutex(State())

  /// The most events of one transaction, but for a caller that brings more.
  private static let limit = 500

  /// How many callers wait in line.
  var waiting: Int { state.withLock { $0.waiting.count } }

  /// Records a batch; answers for each of its events once it is committed.
  func record(_ batch: Batch, _ keep: Keep) async throws(DriverError) -> [RecordAnswer] {
    switch await turn(of: batch) {
    case .answered(let result): return try result.get()
    case .alone: return try await keep(batch)
    case .lead(let others): return try await lead(batch, others, keep).get()
    }
  }

  private func turn(of batch: Batch) async -> Turn {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if !state.isBusy {
          state.isBusy = true
          return true
        }
        state.waiting.append(Caller(batch: batch, continuation: continuation))
        return false
      }
      if isFree { continuation.resume(returning: .lead([])) }
    }
  }

  private func lead(_ own: Batch, _ others: [Caller], _ keep: Keep) async -> Result<[RecordAnswer], DriverError> {
    let result = await Self.result { () async throws(DriverError) in
      try await keep(others.reduce(own) { $0 + $1.batch })
    }
    handOn()
    switch result {
    case .success(let answers):
      var next = own.count
      for caller in others {
        caller.continuation.resume(
          returning: .answered(.success(Array(answers[next..<next + caller.batch.count]))))
        next += caller.batch.count
      }
      return .success(Array(answers.prefix(own.count)))
    case .failure(let error) where error.isTransient || others.isEmpty:
      for caller in others { caller.continuation.resume(returning: .answered(.failure(error))) }
      return .failure(error)
    case .failure:
      for caller in others { caller.continuation.resume(returning: .alone) }
      return await Self.result { () async throws(DriverError) in try await keep(own) }
    }
  }

  /// Gives the next transaction to who waits longest, with as many of those behind as fit.
  private func handOn() {
    let (leader, others) = state.withLock { state -> (Caller?, [Caller]) in
      guard let leader = state.waiting.first else {
        state.isBusy = false
        return (nil, [])
      }
      var (count, size) = (1, leader.batch.count)
      while count < state.waiting.count, size + state.waiting[count].batch.count <= Self.limit {
        size += state.waiting[count].batch.count
        count += 1
      }
      let others = Array(state.waiting[1..<count])
      state.waiting.removeFirst(count)
      return (leader, others)
    }
    leader?.continuation.resume(returning: .lead(others))
  }

  private static func result(
    _ body: () async throws(DriverError) -> [RecordAnswer]
  ) async -> Result<[RecordAnswer], DriverError> {
    do throws(DriverError) { return .success(try await body()) } catch { return .failure(error) }
  }
}
