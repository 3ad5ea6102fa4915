extension SchemaValidation {
  mutating func checkObject(_ members: [String: JSON], _ rules: SchemaNode.ObjectRules) -> Bool {
    var isValid = checkSize(of: members, rules)
    for name in rules.required where members[name] == nil {
      isValid = fail("required", "The member '\(name)' is required.")
    }
    for (name, needed) in rules.dependentRequired where members[name] != nil {
      for other in needed where members[other] == nil {
        isValid = fail("dependentRequired", "The member '\(other)' is required beside '\(name)'.")
      }
    }
    guard rules.looksAtMembers else { return isValid }
    // In order, so that the same payload is always answered in the same way.
    for name in members.keys.sorted() where !isOver {
      guard let value = members[name] else { continue }
      if !checkMember(name, value, rules) { isValid = false }
    }
    return isValid
  }

  private mutating func checkSize(of members: [String: JSON], _ rules: SchemaNode.ObjectRules) -> Bool {
    if let least = rules.minProperties, members.count < least {
      return fail("minProperties", "This must have at least \(least) members.")
    }
    if let most = rules.maxProperties, members.count > most {
      return fail("maxProperties", "This must have at most \(most) members.")
    }
    return true
  }

  private mutating func checkMember(_ name: String, _ value: JSON, _ rules: SchemaNode.ObjectRules) -> Bool {
    var (isValid, isNamed) = (true, false)
    work -= 1
    if let place = rules.names, !admits(.string(name), by: place) {
      isValid = fail("propertyNames", "No member may have this name.", key: name)
    }
    if let place = rules.properties[name] {
      isNamed = true
      isValid = check(value, by: place, key: name) && isValid
    }
    for (pattern, place) in rules.patterns where matches(name, pattern) == true {
      isNamed = true
      isValid = check(value, by: place, key: name) && isValid
    }
    guard !isNamed, let place = rules.additional else { return isValid }
    guard nodes[place].refusesAll else { return check(value, by: place, key: name) && isValid }
    return fail("additionalProperties", Self.unknown(name, among: rules.properties.keys.sorted()), key: name)
  }

  private static func unknown(_ name: String, among known: [String]) -> String {
    let hint = Spelling.suggestion(for: String(name.prefix(64)), among: known)
    return "There is no such member\(hint.map { "; did you mean '\($0)'?" } ?? ".")"
  }
}

extension SchemaNode.ObjectRules {
  fileprivate var looksAtMembers: Bool {
    !properties.isEmpty || !patterns.isEmpty || additional != nil || names != nil
  }
}
