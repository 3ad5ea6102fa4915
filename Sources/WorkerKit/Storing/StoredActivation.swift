/// An activation as stores keep it: the newest holds, beside what is active, what each folder was last taken to hold.
public struct StoredActivation: Sendable {
  public let activation: Activation
  public let active: ActiveSet

  /// Puts a row together; `active` is what `ActiveSet.json` gave.
  /// - Throws: A `DriverError` of kind damaged where `active` is something else.
  public init(
    number: Int64, at moment: Timestamp, by: String, reason: String, restored: Int64?, active: JSON?
  ) throws(DriverError) {
    guard let active = active.flatMap({ ActiveSet(json: $0) }) else {
      throw DriverError(
        .damaged, "activation_unreadable", "A kept activation cannot be read; restore the store from a backup.",
        detail: String(number))
    }
    activation = Activation(
      number: number, at: moment, by: by, reason: reason, restored: restored, revisions: active.revisions)
    self.active = active
  }
}

extension ActiveSet {
  /// What a store has to write of a changed set.
  public enum Change: Sendable, Hashable {
    /// Other revisions are active than before: an activation with this number.
    case activation(Int64)
    /// Folders hold other revisions than before, which is noted in the activation in force, with this number.
    case folders(of: Int64)
    /// Nothing: the activation with this number stays in force; 0 where there is none.
    case nothing(Int64)
  }

  /// What a store has to write of this set, where `latest` is its newest activation. Numbers leave no gaps.
  public func change(after latest: StoredActivation?) -> Change {
    let number = latest?.activation.number ?? 0
    if revisions != latest?.active.revisions ?? [:] { return .activation(number + 1) }
    guard let latest, self != latest.active else { return .nothing(number) }
    return .folders(of: number)
  }
}
