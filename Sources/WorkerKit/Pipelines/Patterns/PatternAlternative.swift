/// A leaf of a pattern: where it looks, and what it asks for.
struct PatternRequirement: Sendable, Hashable {
  /// The keys that lead to the value, from the outermost.
  let path: [String]
  /// The tests of which one must hold; nil where the value must be absent.
  let tests: [PatternTest]?

  func below(_ key: String) -> PatternRequirement { PatternRequirement(path: [key] + path, tests: tests) }
}

/// One way for a value to match a pattern: all these leaves together.
struct PatternAlternative: Sendable, Hashable {
  /// In the order of the file.
  let requirements: [PatternRequirement]
  private let root: PatternNode

  init(_ requirements: [PatternRequirement]) {
    self.requirements = requirements
    root = PatternNode(requirements[...], depth: 0)
  }

  func matches(_ value: JSON?) -> Bool { root.matches(value) }

  static func == (left: PatternAlternative, right: PatternAlternative) -> Bool {
    left.requirements == right.requirements
  }

  func hash(into hasher: inout Hasher) { hasher.combine(requirements) }
}

/// What is asked of a value and of what lies below it, leaves with common keys put together.
struct PatternNode: Sendable {
  private struct Member: Sendable {
    let key: String
    let node: PatternNode
  }

  private var leaves: [[PatternTest]] = []
  private var mustBeAbsent = false
  private var members: [Member] = []
  /// Whether something is asked to be there, which chooses an element of an array.
  private var chooses = false

  /// `requirements` share their first `depth` keys.
  init(_ requirements: ArraySlice<PatternRequirement>, depth: Int) {
    var (keys, below) = ([String](), [String: [PatternRequirement]]())
    for requirement in requirements {
      if depth < requirement.path.count {
        let key = requirement.path[depth]
        if below[key] == nil { keys.append(key) }
        below[key, default: []].append(requirement)
        chooses = chooses || requirement.tests != nil
      } else if let tests = requirement.tests {
        leaves.append(tests)
      } else {
        mustBeAbsent = true
      }
    }
    members = keys.compactMap { key in
      below[key].map { Member(key: key, node: PatternNode($0[...], depth: depth + 1)) }
    }
  }

  func matches(_ value: JSON?) -> Bool {
    for tests in leaves where value?.hasScalar(where: { scalar in tests.contains { $0.holds(for: scalar) } }) != true {
      return false
    }
    if mustBeAbsent, value?.hasScalar(where: { _ in true }) == true { return false }
    return members.isEmpty || membersMatch(value)
  }

  private func membersMatch(_ value: JSON?) -> Bool {
    switch value {
    case .object(let object)?: members.allSatisfy { $0.node.matches(object[$0.key]) }
    case .array(let elements)?:
      chooses ? elements.contains { membersMatch($0) } : elements.allSatisfy { membersMatch($0) }
    default: members.allSatisfy { $0.node.matches(nil) }
    }
  }
}

extension JSON {
  /// Whether this scalar, or one of this array's scalars at any depth, is as asked; an object has none.
  func hasScalar(where holds: (JSON) -> Bool) -> Bool {
    switch self {
    case .object: false
    case .array(let elements): elements.contains { $0.hasScalar(where: holds) }
    default: holds(self)
    }
  }
}
