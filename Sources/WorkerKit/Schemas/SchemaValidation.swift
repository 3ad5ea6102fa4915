/// One check of a value against a schema.
struct SchemaValidation {
  private enum Step {
    case key(String)
    case index(Int)
  }

  let nodes: [SchemaNode]
  var work: Int
  private var steps: [Step] = []
  private var violations: [SchemaViolation] = []
  /// Above 0 where it only matters whether there are violations, and not which.
  private var quiet = 0

  init(_ nodes: [SchemaNode], work: Int) {
    self.nodes = nodes
    self.work = work
  }

  mutating func run(on value: JSON) -> [SchemaViolation] {
    _ = check(value, by: 0)
    guard work > 0 else {
      return [
        SchemaViolation(
          pointer: "", keyword: "work",
          expectation: "Checking this takes too much work; send less at a time, or make the schema simpler.")
      ]
    }
    return violations
  }

  /// Whether enough is known to stop.
  var isOver: Bool { work <= 0 || violations.count >= JSONSchema.mostViolations }

  mutating func check(_ value: JSON, by place: Int) -> Bool {
    work -= 1
    guard work > 0 else { return false }
    let node = nodes[place]
    guard !node.refusesAll else { return fail("false", "Nothing may stand here.") }
    var isValid = checkKind(of: value, node)
    if goesOn(isValid) { isValid = checkValue(value, node) && isValid }
    if goesOn(isValid) { isValid = checkParts(of: value, node) && isValid }
    if goesOn(isValid) { isValid = checkInPlace(value, node.inPlace) && isValid }
    return isValid
  }

  /// Whether there is more to learn: after a violation only where violations are noted.
  private func goesOn(_ isValid: Bool) -> Bool { isValid || (quiet == 0 && !isOver) }

  private mutating func checkKind(of value: JSON, _ node: SchemaNode) -> Bool {
    guard let kinds = node.kinds, !kinds.contains(where: { value.is($0) }) else { return true }
    let names = SchemaNode.Kind.allCases.filter { kinds.contains($0) }.map(\.rawValue)
    return fail("type", "This must be of type \(names.joined(separator: " or ")), not \(value.kind).")
  }

  private mutating func checkValue(_ value: JSON, _ node: SchemaNode) -> Bool {
    guard let values = node.values else { return true }
    work -= value.weight
    if values.all.contains(value) { return true }
    return fail(values.keyword, "This must be \(values.keyword == "enum" ? "one of " : "")\(values.text).")
  }

  private mutating func checkParts(of value: JSON, _ node: SchemaNode) -> Bool {
    switch value {
    case .integer, .double: checkNumber(value, node.number)
    case .string(let text): checkText(text, node.text)
    case .array(let elements): checkArray(elements, node.array)
    case .object(let members): checkObject(members, node.object)
    case .null, .bool: true
    }
  }

  /// Checks without noting anything.
  mutating func admits(_ value: JSON, by place: Int) -> Bool {
    quiet += 1
    defer { quiet -= 1 }
    return check(value, by: place)
  }

  mutating func check(_ value: JSON, by place: Int, key: String) -> Bool {
    within(.key(key)) { $0.check(value, by: place) }
  }

  mutating func check(_ value: JSON, by place: Int, index: Int) -> Bool {
    within(.index(index)) { $0.check(value, by: place) }
  }

  /// Notes a violation of a member.
  mutating func fail(_ keyword: String, _ expectation: @autoclosure () -> String, key: String) -> Bool {
    within(.key(key)) { $0.fail(keyword, expectation()) }
  }

  /// Notes a violation; always false.
  mutating func fail(_ keyword: String, _ expectation: @autoclosure () -> String) -> Bool {
    guard quiet == 0, violations.count < JSONSchema.mostViolations else { return false }
    let path = steps.map { step in
      switch step {
      // What a sender makes up may be long.
      case .key(let key): String(key.prefix(100))
      case .index(let index): String(index)
      }
    }
    violations.append(
      SchemaViolation(pointer: JSONPointer.text(path), keyword: keyword, expectation: expectation()))
    return false
  }

  private mutating func within(_ step: Step, _ body: (inout SchemaValidation) -> Bool) -> Bool {
    steps.append(step)
    defer { steps.removeLast() }
    return body(&self)
  }
}

extension JSON {
  /// Whether the value is of a type of JSON Schema; 1.0 is an integer.
  func `is`(_ kind: SchemaNode.Kind) -> Bool {
    switch (self, kind) {
    case (.integer, .integer): true
    case (.double(let number), .integer): number.rounded() == number
    default: self.kind == kind.rawValue
    }
  }

  /// How many values it holds, itself among them.
  var weight: Int {
    switch self {
    case .array(let elements): elements.reduce(1) { $0 + $1.weight }
    case .object(let members): members.values.reduce(1) { $0 + $1.weight }
    default: 1
    }
  }
}
