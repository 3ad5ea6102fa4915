import Synchronization

/// A job's place in a batch, and how its attempt hears of its answer.
final class BatchSeat: Sendable {
  /// What a batch worker says of one job.
  typealias Answer = Result<any WorkerOutput, Failure>

  private struct State {
    var isOver = false
    var answer: Answer?
    var waiter: CheckedContinuation<Answer?, Never>?
    var follow: @Sendable () -> Void = {}
  }

  let item: RegisteredWorker.Item
  let authority: Authority
  private let state = Mutex(State())

  init(_ item: RegisteredWorker.Item) {
    self.item = item
    authority = item.context.authority
  }

  var job: JobID { item.context.job }

  /// True once it was answered or left: nobody listens any more.
  var isOver: Bool { state.withLock { $0.isOver } }

  /// Does `body` once it is over; at once where it is.
  func whenOver(_ body: @escaping @Sendable () -> Void) {
    let isOver = state.withLock { state in
      state.follow = body
      return state.isOver
    }
    if isOver { body() }
  }

  /// Answers; the first time alone counts.
  func give(_ answer: Answer) { end(answer) }

  /// The answer; nil when the attempt's task is cancelled before it is there.
  func answer() async -> Answer? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let ready = state.withLock { state -> Answer?? in
          if state.isOver { return .some(state.answer) }
          state.waiter = continuation
          return nil
        }
        if let ready { continuation.resume(returning: ready) }
      }
    } onCancel: {
      end(nil)
    }
  }

  private func end(_ answer: Answer?) {
    let (waiter, follow) = state.withLock { state -> (CheckedContinuation<Answer?, Never>?, (@Sendable () -> Void)?) in
      guard !state.isOver else { return (nil, nil) }
      state.isOver = true
      state.answer = answer
      defer { (state.waiter, state.follow) = (nil, {}) }
      return (state.waiter, state.follow)
    }
    waiter?.resume(returning: answer)
    follow?()
  }
}
