extension SchemaValidation {
  mutating func checkArray(_ elements: [JSON], _ rules: SchemaNode.ArrayRules) -> Bool {
    var isValid = true
    if let least = rules.minItems, elements.count < least {
      isValid = fail("minItems", "This must have at least \(least) elements.")
    }
    if let most = rules.maxItems, elements.count > most {
      isValid = fail("maxItems", "This must have at most \(most) elements.")
    }
    for (index, (element, place)) in zip(elements, rules.prefix).enumerated() where !isOver {
      if !check(element, by: place, index: index) { isValid = false }
    }
    if let place = rules.items {
      for index in elements.indices.dropFirst(rules.prefix.count) where !isOver {
        if !check(elements[index], by: place, index: index) { isValid = false }
      }
    }
    if rules.areUnique, !areUnique(elements) {
      isValid = fail("uniqueItems", "No two elements of this may be the same.")
    }
    return checkContains(elements, rules) && isValid
  }

  private mutating func areUnique(_ elements: [JSON]) -> Bool {
    var seen: Set<JSON> = []
    return elements.allSatisfy { element in
      work -= element.weight
      return seen.insert(element).inserted
    }
  }

  private mutating func checkContains(_ elements: [JSON], _ rules: SchemaNode.ArrayRules) -> Bool {
    guard let place = rules.contains else { return true }
    var found = 0
    for element in elements where work > 0 {
      if admits(element, by: place) { found += 1 }
    }
    let least = rules.minContains ?? 1
    if found < least {
      return fail(
        rules.minContains == nil ? "contains" : "minContains",
        "At least \(least) of the elements must be as 'contains' says.")
    }
    if let most = rules.maxContains, found > most {
      return fail("maxContains", "At most \(most) of the elements may be as 'contains' says.")
    }
    return true
  }
}
