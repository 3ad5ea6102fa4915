extension Pattern {
  /// The first leaf that does not match, in the order of the file; nil where the value matches.
  ///
  /// Where a `$or` fails and its alternatives fail differently, each is told, at most ten of them.
  /// - Parameter path: Where `value` stands, for the answer's path.
  public func mismatch(_ value: JSON?, at path: [String] = []) -> PatternMismatch? {
    guard !matches(value) else { return nil }
    var mismatches: [PatternMismatch] = []
    for alternative in alternatives {
      let mismatch = alternative.mismatch(value, at: path)
      if !mismatches.contains(mismatch) { mismatches.append(mismatch) }
      if mismatches.count == Self.mostExplanations { break }
    }
    guard mismatches.count != 1 else { return mismatches.first }
    return PatternMismatch(path: path, cause: .alternatives(mismatches), found: value)
  }

  private static let mostExplanations = 10
}

extension PatternAlternative {
  /// Why a value does not match, which it must not.
  fileprivate func mismatch(_ value: JSON?, at path: [String]) -> PatternMismatch {
    let asked = requirements.filter { $0.tests != nil }
    for requirement in asked where !PatternAlternative([requirement]).matches(value) {
      return requirement.mismatch(value, at: path)
    }
    guard PatternAlternative(asked).matches(value) else {
      return PatternMismatch(path: path + scattering(asked, value), cause: .scattered, found: nil)
    }
    let present = requirements.first { $0.tests == nil && !PatternAlternative(asked + [$0]).matches(value) }
    return present?.mismatch(value, at: path)
      ?? PatternMismatch(path: path + scattering(requirements, value), cause: .scattered, found: nil)
  }

  /// The way to the first array whose elements match the leaves one by one, but not together.
  private func scattering(_ requirements: [PatternRequirement], _ value: JSON?) -> [String] {
    guard case .object(let object)? = value else { return [] }
    for key in requirements.compactMap(\.path.first) {
      let below = requirements.filter { $0.path.first == key }
        .map { PatternRequirement(path: Array($0.path.dropFirst()), tests: $0.tests) }
      if !PatternAlternative(below).matches(object[key]) { return [key] + scattering(below, object[key]) }
    }
    return []
  }
}

extension PatternRequirement {
  /// Why the leaf alone does not match.
  fileprivate func mismatch(_ value: JSON?, at root: [String]) -> PatternMismatch {
    let place = root + path
    guard let tests else {
      return PatternMismatch(path: place, cause: .present, found: value?.found(at: path[...]))
    }
    if let found = value?.found(at: path[...]) {
      return PatternMismatch(path: place, cause: found.isObject ? .notSingle : .unequal, tests: tests, found: found)
    }
    var (reached, way) = (value, root)
    for key in path {
      switch reached {
      case .object?: reached = reached?[key]
      case .array?, nil: return PatternMismatch(path: place, cause: .absent, tests: tests, found: nil)
      case let scalar?: return PatternMismatch(path: way, cause: .notObject, found: scalar)
      }
      way.append(key)
    }
    return PatternMismatch(path: place, cause: .absent, tests: tests, found: nil)
  }
}

extension JSON {
  fileprivate var isObject: Bool {
    if case .object = self { true } else { false }
  }

  /// What the path leads to, through the elements of arrays: one value, or an array of all; nil where there is none.
  fileprivate func found(at path: ArraySlice<String>) -> JSON? {
    guard let key = path.first else { return self }
    switch self {
    case .object(let object): return object[key]?.found(at: path.dropFirst())
    case .array(let elements):
      let found = elements.compactMap { $0.found(at: path) }
      return found.count > 1 ? .array(found) : found.first
    default: return nil
    }
  }
}
