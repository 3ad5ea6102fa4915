/// Where a value is not what a pattern asks for.
public struct PatternMismatch: Sendable, Hashable {
  /// What is wrong.
  public enum Cause: Sendable, Hashable {
    /// There is no value.
    case absent
    /// There is a value where there must be none.
    case present
    /// There is a single value where the pattern looks into an object.
    case notObject
    /// There is an object, and a leaf looks at single values.
    case notSingle
    /// No test holds for the value.
    case unequal
    /// Each leaf finds an element of an array, but no one element matches all of them.
    case scattered
    /// Every alternative of a `$or` fails, each in its own way.
    case alternatives([PatternMismatch])

    /// A short fixed word for programs.
    public var word: String {
      switch self {
      case .absent: "absent"
      case .present: "present"
      case .notObject: "not_object"
      case .notSingle: "not_single"
      case .unequal: "unequal"
      case .scattered: "scattered"
      case .alternatives: "alternatives"
      }
    }
  }

  /// The way to the value: `["payload", "content_type"]`.
  public let path: [String]
  /// What is wrong.
  public let cause: Cause
  /// The tests of which one should hold; none where an object was expected.
  public let tests: [PatternTest]
  /// What is there, of several values in an array all; nil where nothing is. It may be a payload: not for logs.
  public let found: JSON?

  init(path: [String], cause: Cause, tests: [PatternTest] = [], found: JSON?) {
    self.path = path
    self.cause = cause
    self.tests = tests
    self.found = found
  }

  /// The exact values that would do; nil where the leaf asks for something else.
  public var expected: [JSON]? {
    let values = tests.compactMap { test in
      if case .equals(let value) = test { value } else { nil }
    }
    return values.isEmpty ? nil : values
  }

  /// One sentence for people, without what was found.
  public var reason: String {
    let name = path.joined(separator: ".")
    switch cause {
    case .absent: return "\(name) is absent"
    case .present: return "\(name) is there, and exists: false asks for its absence"
    case .notObject: return "\(name) is \(found?.kind ?? "absent"), not object"
    case .notSingle: return "\(name) is an object, and a leaf looks at single values"
    case .scattered: return "no one element of \(name.isEmpty ? "the array" : name) matches all that is asked of it"
    case .alternatives(let mismatches):
      return "no alternative of $or matches: \(mismatches.map(\.reason).joined(separator: "; "))"
    case .unequal: return unequal(name)
    }
  }

  private func unequal(_ name: String) -> String {
    if found == .array([]), tests.contains(.exists(true)) {
      return "\(name) is an empty list, which holds no value"
    }
    if let found, let (names, kind) = foreign(to: found) {
      return "\(name) is \(found.kind), and \(names) compares \(kind)s"
    }
    if tests.count == 1, case .anythingBut(let excluded)? = tests.first {
      return "\(name) is excluded by anything-but: \(excluded.map(\.description).joined(separator: ", "))"
    }
    let list = tests.map(\.description).joined(separator: ", ")
    return tests.count == 1 ? "\(name) is not \(list)" : "\(name) is none of \(list)"
  }

  /// The operators, when none of them can look at what was found, and the kind of value that they compare.
  private func foreign(to found: JSON) -> (String, String)? {
    let comparisons = tests.compactMap(\.comparison)
    guard comparisons.count == tests.count, let kind = comparisons.first?.kind, found.kind != "array",
      comparisons.allSatisfy({ $0.kind == kind && $0.kind != found.kind })
    else { return nil }
    var names: [String] = []
    for comparison in comparisons where !names.contains(comparison.name) { names.append(comparison.name) }
    return (names.joined(separator: " or "), kind)
  }
}
