/// What a JSON value must look like: the exact part of Amazon EventBridge's event patterns
/// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html).
///
/// All keys of an object must match; of a leaf's values one must. Where the value is an array, one element suffices.
public indirect enum Pattern: Sendable, Hashable {
  /// A value with these members, and any others.
  case object([Member])
  /// One of these scalars; numbers are compared by value, so that 1 matches 1.0.
  case anyOf([JSON])

  /// A key and what its value must look like.
  public struct Member: Sendable, Hashable {
    /// The key of an object, compared exactly.
    public let key: String
    /// What its value must look like.
    public let pattern: Pattern

    /// Describes a member.
    public init(_ key: String, _ pattern: Pattern) {
      self.key = key
      self.pattern = pattern
    }
  }

  /// The first leaf that does not match, in the order of the file; nil where all do.
  /// - Parameter path: Where `value` stands, for the answer's path.
  public func mismatch(_ value: JSON?, at path: [String] = []) -> PatternMismatch? {
    switch (self, value) {
    case (.object(let members), .object(let object)?):
      return members.lazy.compactMap { $0.pattern.mismatch(object[$0.key], at: path + [$0.key]) }.first
    case (_, .array(let elements)?):
      let mismatches = elements.lazy.map { mismatch($0, at: path) }
      if mismatches.contains(where: { $0 == nil }) { return nil }
      return PatternMismatch(path: path, expected: scalars, found: value)
    case (.object(let members), _):
      guard let member = members.first else { return PatternMismatch(path: path, expected: nil, found: value) }
      guard value == nil else { return PatternMismatch(path: path, expected: nil, found: value) }
      return member.pattern.mismatch(nil, at: path + [member.key])
    case (.anyOf(let scalars), let value):
      if let value, scalars.contains(where: { $0.numericallyEquals(value) }) { return nil }
      return PatternMismatch(path: path, expected: scalars, found: value)
    }
  }

  private var scalars: [JSON]? {
    guard case .anyOf(let scalars) = self else { return nil }
    return scalars
  }
}

/// Where a value is not what a pattern asks for.
public struct PatternMismatch: Sendable, Hashable {
  /// The way to the value: `["payload", "content_type"]`.
  public let path: [String]
  /// The values that would do; nil where an object was expected.
  public let expected: [JSON]?
  /// What is there; nil where nothing is. It may be a payload: not for logs.
  public let found: JSON?

  /// One sentence for people, without what was found.
  public var reason: String {
    let name = path.joined(separator: ".")
    guard let found else { return "\(name) is absent" }
    guard let expected else { return "\(name) is \(found.kind), not object" }
    let list = expected.map { $0.text() }.joined(separator: ", ")
    return expected.count == 1 ? "\(name) is not \(list)" : "\(name) is none of \(list)"
  }
}
