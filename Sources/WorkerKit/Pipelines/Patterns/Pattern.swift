/// What a JSON value must look like: an event pattern in the language of Amazon EventBridge
/// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html).
///
/// All keys of an object must match; of a leaf's tests one must hold. A leaf looks at single values only: where there
/// is an array, at its elements. Of an array of objects one element must match all that is asked below it, as in Event
/// Ruler's array-consistent matching (https://github.com/aws/event-ruler#json-array-matching). What `exists: false`
/// asks for must be absent from the element that the other keys have matched; where no other key chooses an element,
/// from all.
///
/// A pattern is kept as the alternatives that its `$or`s stand for; one of them must match.
public struct Pattern: Sendable, Hashable {
  /// The most alternatives that a pattern in a file may stand for.
  public static let mostAlternatives = 1000
  /// The most leaves that a pattern in a file may have, those of all its alternatives together.
  public static let mostLeaves = 100_000

  /// Never empty.
  let alternatives: [PatternAlternative]

  init(_ combinations: [[PatternRequirement]]) { alternatives = combinations.map(PatternAlternative.init) }

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

  /// An object with these members, and any others.
  public static func object(_ members: [Member]) -> Pattern {
    all(
      members.map { member in
        Pattern(member.pattern.combinations.map { leaves in leaves.map { $0.below(member.key) } })
      })
  }

  /// A value for which one of the tests holds; never none of them.
  ///
  /// With `exists(false)` among them, a value that is absent does too.
  public static func leaf(_ tests: [PatternTest]) -> Pattern {
    let present = tests.filter { $0 != .exists(false) }
    var combinations: [[PatternRequirement]] = []
    if !present.isEmpty || tests.isEmpty { combinations.append([PatternRequirement(path: [], tests: present)]) }
    if present.count < tests.count { combinations.append([PatternRequirement(path: [], tests: nil)]) }
    return Pattern(combinations)
  }

  /// One of these scalars; numbers are compared by value, so that 1 matches 1.0.
  public static func anyOf(_ scalars: [JSON]) -> Pattern { leaf(scalars.map(PatternTest.equals)) }

  /// What matches one of the patterns; never none of them.
  public static func either(_ patterns: [Pattern]) -> Pattern { Pattern(patterns.flatMap(\.combinations)) }

  /// What matches all the patterns. It has as many alternatives as theirs multiplied.
  public static func all(_ patterns: [Pattern]) -> Pattern {
    Pattern(product(patterns.map(\.combinations)))
  }

  /// Every choice of one combination from each part, the parts in order; at the cost of what it returns.
  static func product(_ parts: [[[PatternRequirement]]]) -> [[PatternRequirement]] {
    (0..<parts.reduce(1) { $0 * $1.count }).map { choice in
      var (rest, leaves) = (choice, [PatternRequirement]())
      for part in parts {
        leaves += part[rest % part.count]
        rest /= part.count
      }
      return leaves
    }
  }

  /// Whether a value matches.
  public func matches(_ value: JSON?) -> Bool { alternatives.contains { $0.matches(value) } }

  var combinations: [[PatternRequirement]] { alternatives.map(\.requirements) }
}
