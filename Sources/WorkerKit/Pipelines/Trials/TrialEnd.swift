/// How a stage ended in a case.
enum TrialEnd: Sendable {
  /// Its worker was called with these options, and succeeded.
  case succeeded(with: JSON)
  /// Its worker was called with these options, and failed for good.
  case failed(with: JSON, Failure)
  /// Its worker was not called, since this reference led to nothing.
  case unresolved(reference: String)
  /// How the jobs for the elements of a list ended, by index.
  indirect case elements([Int: TrialEnd])
  case skipped(reason: String)
  case cancelled(reason: String)
  /// It waits still, though nothing is left that could end.
  case open
}

extension TrialEnd {
  /// A call of the stage's worker.
  struct Call {
    /// Which element of its list it was for; nil where the stage has one job.
    let index: Int?
    let options: JSON
  }

  /// The calls of its worker, in the order of the list.
  var calls: [Call] {
    switch self {
    case .succeeded(let options), .failed(let options, _): [Call(index: nil, options: options)]
    case .elements(let ends):
      ends.sorted { $0.key < $1.key }.flatMap { index, end in
        end.calls.map { Call(index: index, options: $0.options) }
      }
    case .unresolved, .skipped, .cancelled, .open: []
    }
  }

  var isFailure: Bool {
    switch self {
    case .failed, .unresolved: true
    case .elements(let ends): ends.values.contains(where: \.isFailure)
    case .succeeded, .skipped, .cancelled, .open: false
    }
  }

  /// How the stage ended, in a few words.
  var words: String {
    switch self {
    case .succeeded: "succeeded"
    case .failed(_, let failure): "failed: \(failure.kind.rawValue) \(failure.code)"
    case .unresolved(let reference): "failed: \(reference) leads to nothing"
    case .elements(let ends): Self.words(ends)
    case .skipped(let reason): "skipped: \(reason)"
    case .cancelled(let reason): "cancelled: \(reason)"
    case .open: "waits still"
    }
  }

  private static func words(_ ends: [Int: TrialEnd]) -> String {
    let lost = ends.filter(\.value.isFailure).sorted { $0.key < $1.key }
    let all = ends.count == 1 ? "1 element" : "\(ends.count) elements"
    guard let first = lost.first else { return "succeeded for \(all)" }
    return "failed for \(lost.count) of \(all); \(first.key) \(first.value.words)"
  }
}
