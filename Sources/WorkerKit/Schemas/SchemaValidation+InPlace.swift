extension SchemaValidation {
  mutating func checkInPlace(_ value: JSON, _ rules: SchemaNode.InPlaceRules) -> Bool {
    var isValid = true
    for place in [rules.reference].compactMap(\.self) + rules.allOf where !isOver {
      if !check(value, by: place) { isValid = false }
    }
    if !rules.anyOf.isEmpty, !rules.anyOf.contains(where: { admits(value, by: $0) }) {
      isValid = failAll(value, rules.anyOf, "anyOf", "This must be as one of the schemas of anyOf says.")
    }
    if !rules.oneOf.isEmpty {
      let count = rules.oneOf.count { admits(value, by: $0) }
      if count == 0 {
        isValid = failAll(value, rules.oneOf, "oneOf", "This must be as one of the schemas of oneOf says.")
      } else if count > 1 {
        isValid = fail("oneOf", "This must be as exactly one of the schemas of oneOf says, and is as \(count) say.")
      }
    }
    if let place = rules.not, admits(value, by: place) { isValid = fail("not", "This is what 'not' rules out.") }
    if let condition = rules.condition, rules.then != nil || rules.otherwise != nil {
      if let place = admits(value, by: condition) ? rules.then : rules.otherwise {
        isValid = check(value, by: place) && isValid
      }
    }
    if case .object(let members) = value {
      for name in rules.dependent.keys.sorted() where members[name] != nil && !isOver {
        if let place = rules.dependent[name], !check(value, by: place) { isValid = false }
      }
    }
    return isValid
  }

  /// Says what was expected where no alternative holds: of the only one whose type fits, what is wrong with it.
  private mutating func failAll(_ value: JSON, _ places: [Int], _ keyword: String, _ expectation: String) -> Bool {
    let fitting = places.filter { nodes[$0].kinds.map { kinds in kinds.contains { value.is($0) } } ?? true }
    if fitting.count == 1, places.count > 1, !isOver { return check(value, by: fitting[0]) }
    return fail(keyword, expectation)
  }
}
