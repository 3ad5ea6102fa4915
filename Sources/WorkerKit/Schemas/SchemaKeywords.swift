/// Reads the keywords of one schema.
struct SchemaKeywords {
  let members: [String: JSON]
  let path: [String]

  init(members: [String: JSON], path: [String]) {
    self.members = members
    self.path = path
  }

  /// The keywords that are checked.
  static let known: Set<String> = [
    "type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
    "maxLength", "pattern", "format", "items", "prefixItems", "contains", "minContains", "maxContains", "minItems",
    "maxItems", "uniqueItems", "properties", "required", "additionalProperties", "patternProperties", "propertyNames",
    "minProperties", "maxProperties", "dependentRequired", "dependentSchemas", "allOf", "anyOf", "oneOf", "not", "if",
    "then", "else", "$ref", "$defs",
  ]

  func node(_ reader: inout SchemaReader) -> SchemaNode {
    checkNames(&reader)
    var node = SchemaNode()
    node.kinds = kinds(&reader)
    node.values = values(&reader)
    node.number = numbers(&reader)
    node.text = texts(&reader)
    node.array = arrays(&reader)
    node.object = objects(&reader)
    node.inPlace = inPlace(&reader)
    return node
  }

  private func checkNames(_ reader: inout SchemaReader) {
    for name in members.keys.sorted() {
      if name == "$defs", !path.isEmpty { reader.note("$defs stands at the top of a file only", at: path + [name]) }
      guard !Self.known.contains(name), !SchemaReader.annotations.contains(name) else { continue }
      if let hint = SchemaReader.unsupported[name] {
        reader.note("the keyword '\(name)' is not supported", at: path + [name], hint: hint)
      } else {
        reader.note(
          "unknown keyword '\(name)'", at: path + [name], unknown: name,
          known: Self.known.union(SchemaReader.annotations))
      }
    }
  }

  private func kinds(_ reader: inout SchemaReader) -> Set<SchemaNode.Kind>? {
    guard let value = members["type"] else { return nil }
    let (words, isList) = if case .array(let list) = value { (list, true) } else { ([value], false) }
    var kinds: Set<SchemaNode.Kind> = []
    for (index, word) in words.enumerated() {
      let place = path + ["type"] + (isList ? [String(index)] : [])
      let known = SchemaNode.Kind.allCases.map(\.rawValue)
      guard case .string(let name) = word, let kind = SchemaNode.Kind(rawValue: name) else {
        let name = if case .string(let name) = word { name } else { word.kind }
        reader.note(
          "a type is one of \(known.joined(separator: ", "))", at: place, unknown: name, known: known)
        continue
      }
      kinds.insert(kind)
    }
    if words.isEmpty { reader.note("type is an empty list, which nothing matches", at: path + ["type"]) }
    return kinds
  }

  private func values(_ reader: inout SchemaReader) -> SchemaNode.AllowedValues? {
    if let value = members["const"] {
      if members["enum"] != nil { reader.note("const and enum stand side by side; one of them will do", at: path) }
      return .init(keyword: "const", all: [value.withWholeNumbers], text: Self.bounded(value.text()))
    }
    guard let list = list("enum", &reader) else { return nil }
    if list.isEmpty { reader.note("enum is an empty list, which nothing matches", at: path + ["enum"]) }
    return .init(
      keyword: "enum", all: Set(list.map(\.withWholeNumbers)),
      text: Self.bounded(list.prefix(20).map { $0.text() }.joined(separator: ", ")))
  }

  private static func bounded(_ text: String) -> String { text.count > 200 ? text.prefix(200) + " …" : text }

  private func numbers(_ reader: inout SchemaReader) -> SchemaNode.NumberRules {
    var rules = SchemaNode.NumberRules()
    rules.minimum = bound("minimum", &reader)
    rules.maximum = bound("maximum", &reader)
    rules.exclusiveMinimum = bound("exclusiveMinimum", &reader)
    rules.exclusiveMaximum = bound("exclusiveMaximum", &reader)
    if let bound = bound("multipleOf", &reader), let value = members["multipleOf"] {
      if let zero = ExactNumber(0), zero < bound.exact, let exact = DecimalNumber(value) {
        rules.multipleOf = (bound.text, exact)
      } else {
        reader.note("multipleOf must be greater than 0", at: path + ["multipleOf"])
      }
    }
    return rules
  }

  private func bound(_ name: String, _ reader: inout SchemaReader) -> SchemaNode.NumberRules.Bound? {
    guard let value = members[name] else { return nil }
    guard let exact = ExactNumber(value) else {
      reader.note("\(name) must be a number, not \(value.kind)", at: path + [name])
      return nil
    }
    return .init(text: value.text(), exact: exact)
  }

  private func texts(_ reader: inout SchemaReader) -> SchemaNode.TextRules {
    var rules = SchemaNode.TextRules()
    rules.minLength = count("minLength", &reader)
    rules.maxLength = count("maxLength", &reader)
    if let text = text("pattern", &reader) { rules.pattern = pattern(text, at: path + ["pattern"], &reader) }
    if let name = text("format", &reader) {
      rules.format = SchemaFormat(rawValue: name)
      if rules.format == nil, !SchemaFormat.annotations.contains(name) {
        reader.note(
          "there is no format '\(name)'", at: path + ["format"], unknown: name,
          known: SchemaFormat.annotations.union(SchemaFormat.allCases.map(\.rawValue)))
      }
    }
    return rules
  }

  /// Reads a regular expression.
  func pattern(_ text: String, at place: [String], _ reader: inout SchemaReader) -> RegularExpression? {
    do throws(ExpressionError) { return try RegularExpression(text) } catch {
      reader.note("this is not a regular expression that can be used: \(error)", at: place)
      return nil
    }
  }

  /// A member that is a text.
  func text(_ name: String, _ reader: inout SchemaReader) -> String? {
    guard let value = members[name] else { return nil }
    guard case .string(let text) = value else {
      reader.note("\(name) must be a text, not \(value.kind)", at: path + [name])
      return nil
    }
    return text
  }

  /// A member that is a list.
  func list(_ name: String, _ reader: inout SchemaReader) -> [JSON]? {
    guard let value = members[name] else { return nil }
    guard case .array(let list) = value else {
      reader.note("\(name) must be a list, not \(value.kind)", at: path + [name])
      return nil
    }
    return list
  }

  /// A member that is an object.
  func object(_ name: String, _ reader: inout SchemaReader) -> [(key: String, value: JSON)] {
    guard let value = members[name] else { return [] }
    guard case .object(let object) = value else {
      reader.note("\(name) must be an object, not \(value.kind)", at: path + [name])
      return []
    }
    return object.sorted { $0.key < $1.key }
  }

  /// A member that is a whole number and not negative.
  func count(_ name: String, _ reader: inout SchemaReader) -> Int? {
    guard let value = members[name]?.withWholeNumbers else { return nil }
    guard case .integer(let count) = value, count >= 0 else {
      reader.note("\(name) must be a whole number that is not negative", at: path + [name])
      return nil
    }
    return Int(count)
  }
}
