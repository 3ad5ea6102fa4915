/// What failures of one cause have in common: ten thousand of them are one line on a screen.
///
/// Its text is the worker and the cause, `media.thumbnails:3fa9c1d2e4b5`, and stays the same for as long as the worker
/// says the same of it.
public struct Fingerprint: Sendable, Hashable, CustomStringConvertible {
  public let worker: WorkerName
  /// `Failure.cause`.
  public let cause: String

  /// The fingerprint of a worker's failure.
  public init(of failure: Failure, in worker: WorkerName) {
    self.worker = worker
    cause = failure.cause
  }

  /// Reads the text of a fingerprint; nil where it is none.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), colon != text.startIndex else { return nil }
    let end = text[text.index(after: colon)...]
    let isHexadecimal = end.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    guard isHexadecimal, end.utf8.count == Failure.causeLength else { return nil }
    worker = WorkerName(String(text[..<colon]))
    cause = String(end)
  }

  public var description: String { "\(worker):\(cause)" }
}

extension Job {
  /// The fingerprint of what went wrong last; nil where nothing has.
  public var fingerprint: Fingerprint? { failure.map { Fingerprint(of: $0, in: worker) } }
}
