public import ProcessChild

/// Which program a pool runs, how many at once, and within which bounds.
public struct ChildPoolConfiguration: Sendable {
  /// The program's absolute path.
  public var executable: String
  /// Arguments in front of those that carry the limits.
  public var arguments: [String]
  /// The child's whole environment; nothing of the parent's is inherited.
  public var environment: [String: String]
  /// The most children at once, at least 1.
  public var width: Int
  /// After how many requests a child is replaced, at least 1.
  public var requestsPerChild: Int
  /// What each child binds itself to. The pool fills in `parentProcess`.
  public var limits: ChildLimits

  /// What a child needs to know of its surroundings, and no secret.
  ///
  /// Swift's crash report is off: it delays the end of a child, and shows memory that hostile input has filled.
  public static let standardEnvironment = [
    "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no",
  ]

  /// Describes a pool. `width` and `requestsPerChild` below 1 count as 1.
  public init(
    executable: String, arguments: [String] = [],
    environment: [String: String] = ChildPoolConfiguration.standardEnvironment,
    width: Int = 1, requestsPerChild: Int = 100, limits: ChildLimits = ChildLimits()
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.width = max(1, width)
    self.requestsPerChild = max(1, requestsPerChild)
    self.limits = limits
  }
}
