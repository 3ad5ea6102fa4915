/// A job's id taken apart, where it has the form that planners give it: the run's id, a hyphen, the job's place in it.
public struct DerivedID {
  public let run: Substring
  /// The stage's name, and for one element of a list a dot and the element's index.
  public let place: Substring

  /// Nil for a text without a hyphen, which is another's choice of id.
  public init?(_ id: JobID) {
    guard let hyphen = id.rawValue.utf8.firstIndex(of: UInt8(ascii: "-")) else { return nil }
    run = id.rawValue[..<hyphen]
    place = id.rawValue[id.rawValue.utf8.index(after: hyphen)...]
  }
}

extension NewJob {
  /// True where the job's id says no more than its run, its stage and its element.
  public func isDerived(from run: RunID) -> Bool {
    guard let parts = DerivedID(id), parts.run == run.rawValue else { return false }
    guard let index else { return parts.place == stage.rawValue }
    return parts.place == "\(stage.rawValue).\(index)"
  }
}
