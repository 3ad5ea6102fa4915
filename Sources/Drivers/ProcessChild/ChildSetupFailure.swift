/// Why a child could not bind itself to its limits. It must then end before it reads any request.
public enum ChildSetupFailure: Error, Equatable {
  /// An argument that starts like a limit is not one.
  case unreadable(argument: String)
  /// The kernel refused a limit, with this error number.
  case refused(limit: String, errorNumber: Int32)
  /// The parent was already gone when the child started.
  case orphaned
}
