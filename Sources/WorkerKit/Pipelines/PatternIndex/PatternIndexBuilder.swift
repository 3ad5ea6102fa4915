/// Puts the alternatives of many patterns into one tree of leaves.
struct PatternIndexBuilder {
  /// A state while the tree is built.
  struct Draft {
    var accepted: [Int] = []
    /// By path.
    var leaves: [Int: [(tests: [PatternTest], target: Int)]] = [:]
    var absences: [(path: Int, target: Int)] = []
    /// From leaves to states.
    var targets: [Leaf: Int] = [:]
  }

  /// A leaf, its path numbered.
  struct Leaf: Hashable {
    let path: Int
    /// Nil where there must be no value.
    let tests: [PatternTest]?
    let rank: Rank
  }

  /// How much a leaf is expected to let through; the least first.
  enum Rank: Int, Hashable, Comparable {
    case exact, text, range, any, absent

    init(_ tests: [PatternTest]?) {
      guard let tests else {
        self = .absent
        return
      }
      self =
        tests.map { test -> Rank in
          switch test {
          case .equals, .equalsIgnoringCase: .exact
          case .prefix, .prefixIgnoringCase, .suffix, .suffixIgnoringCase, .wildcard, .cidr: .text
          case .numeric: .range
          case .exists, .anythingBut: .any
          }
        }.max() ?? .exact
    }

    static func < (left: Rank, right: Rank) -> Bool { left.rawValue < right.rawValue }
  }

  /// All leaves of one rank at one path.
  private struct Place: Hashable {
    let path: Int
    let rank: Rank
  }

  private(set) var paths = PathTree()
  private(set) var alternatives: [(pattern: Int, alternative: PatternAlternative)] = []
  private(set) var states = [Draft()]
  private var leaves: [[Leaf]] = []

  /// Adds an alternative of a pattern.
  mutating func add(_ alternative: PatternAlternative, of pattern: Int) {
    var kept: [Leaf] = []
    for requirement in alternative.requirements {
      let leaf = Leaf(
        path: paths.number(of: requirement.path), tests: requirement.tests, rank: Rank(requirement.tests))
      if !kept.contains(leaf) { kept.append(leaf) }
    }
    alternatives.append((pattern, alternative))
    leaves.append(kept)
  }

  /// Builds the tree from all that was added.
  mutating func build() {
    let breadth = breadth()
    for (index, leaves) in leaves.enumerated() {
      var at = 0
      for leaf in leaves.sorted(by: { key($0, breadth).lexicographicallyPrecedes(key($1, breadth)) }) {
        at = step(from: at, leaf)
      }
      states[at].accepted.append(index)
    }
  }

  private func key(_ leaf: Leaf, _ breadth: [Place: Int]) -> [Int] {
    [leaf.rank.rawValue, breadth[Place(path: leaf.path, rank: leaf.rank)] ?? 0, leaf.path]
  }

  private mutating func step(from state: Int, _ leaf: Leaf) -> Int {
    if let target = states[state].targets[leaf] { return target }
    let target = states.count
    states.append(Draft())
    states[state].targets[leaf] = target
    if let tests = leaf.tests {
      states[state].leaves[leaf.path, default: []].append((tests, target))
    } else {
      states[state].absences.append((leaf.path, target))
    }
    return target
  }

  /// How many different leaves of each rank and path one value can satisfy: of exact ones those with one value in
  /// common, of others, at worst, all.
  private func breadth() -> [Place: Int] {
    var exact: [Place: [JSON: Int]] = [:]
    var others: [Place: Int] = [:]
    for leaf in Set(leaves.flatMap(\.self)) {
      let place = Place(path: leaf.path, rank: leaf.rank)
      guard leaf.rank == .exact, let tests = leaf.tests else {
        others[place, default: 0] += 1
        continue
      }
      for case .equals(let value) in tests { exact[place, default: [:]][value, default: 0] += 1 }
    }
    return others.merging(exact.mapValues { $0.values.max() ?? 0 }) { first, second in first + second }
  }
}
