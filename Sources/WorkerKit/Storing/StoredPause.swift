extension Pause {
  /// Puts a row together.
  /// - Throws: A `DriverError` of kind damaged where the text names no scope.
  public init(stored scope: String, at moment: Timestamp, by: String, reason: String) throws(DriverError) {
    self.init(try PauseScope(stored: scope), at: moment, by: by, reason: reason)
  }
}

extension PauseDeed {
  /// Puts a row together.
  /// - Throws: A `DriverError` of kind damaged where a text names no scope, or no action.
  public init(
    number: Int64, at moment: Timestamp, by: String, action: String, stored scope: String, reason: String
  ) throws(DriverError) {
    guard let action = Action(rawValue: action) else { throw PauseScope.unreadable(action) }
    self.init(
      number: number, at: moment, by: by, action: action, scope: try PauseScope(stored: scope), reason: reason)
  }
}

extension PauseScope {
  fileprivate init(stored text: String) throws(DriverError) {
    guard let scope = PauseScope(text) else { throw Self.unreadable(text) }
    self = scope
  }

  fileprivate static func unreadable(_ text: String) -> DriverError {
    DriverError(
      .damaged, "pause_unreadable", "A kept pause cannot be read; restore the store from a backup.", detail: text)
  }
}
