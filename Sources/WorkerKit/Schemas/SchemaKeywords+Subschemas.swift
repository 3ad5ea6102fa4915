/// The keywords that hold schemas.
extension SchemaKeywords {
  func arrays(_ reader: inout SchemaReader) -> SchemaNode.ArrayRules {
    var rules = SchemaNode.ArrayRules()
    if case .array? = members["items"] {
      reader.note("items is one schema", at: path + ["items"], hint: "write prefixItems, as draft 2020-12 does")
    } else {
      rules.items = schema("items", &reader)
    }
    rules.prefix = schemas("prefixItems", &reader)
    rules.contains = schema("contains", &reader)
    rules.minContains = count("minContains", &reader)
    rules.maxContains = count("maxContains", &reader)
    rules.minItems = count("minItems", &reader)
    rules.maxItems = count("maxItems", &reader)
    if let value = members["uniqueItems"] {
      if case .bool(let isAsked) = value {
        rules.areUnique = isAsked
      } else {
        reader.note("uniqueItems must be true or false, not \(value.kind)", at: path + ["uniqueItems"])
      }
    }
    return rules
  }

  func objects(_ reader: inout SchemaReader) -> SchemaNode.ObjectRules {
    var rules = SchemaNode.ObjectRules()
    rules.properties = named("properties", &reader)
    for (key, value) in object("patternProperties", &reader) {
      let place = path + ["patternProperties", key]
      guard let pattern = pattern(key, at: place, &reader) else { continue }
      rules.patterns.append((pattern, reader.node(value, at: place)))
    }
    rules.additional = schema("additionalProperties", &reader)
    rules.names = schema("propertyNames", &reader)
    rules.required = words(members["required"], at: path + ["required"], &reader)
    for (key, value) in object("dependentRequired", &reader) {
      rules.dependentRequired.append((key, words(value, at: path + ["dependentRequired", key], &reader)))
    }
    rules.minProperties = count("minProperties", &reader)
    rules.maxProperties = count("maxProperties", &reader)
    return rules
  }

  func inPlace(_ reader: inout SchemaReader) -> SchemaNode.InPlaceRules {
    var rules = SchemaNode.InPlaceRules()
    if let text = text("$ref", &reader) { rules.reference = reader.reference(text, at: path + ["$ref"]) }
    rules.allOf = schemas("allOf", &reader)
    rules.anyOf = schemas("anyOf", &reader)
    rules.oneOf = schemas("oneOf", &reader)
    rules.not = schema("not", &reader)
    rules.condition = schema("if", &reader)
    rules.then = schema("then", &reader)
    rules.otherwise = schema("else", &reader)
    rules.dependent = named("dependentSchemas", &reader)
    return rules
  }

  private func schema(_ name: String, _ reader: inout SchemaReader) -> Int? {
    members[name].map { reader.node($0, at: path + [name]) }
  }

  private func schemas(_ name: String, _ reader: inout SchemaReader) -> [Int] {
    guard let list = list(name, &reader) else { return [] }
    if list.isEmpty { reader.note("\(name) must hold at least one schema", at: path + [name]) }
    return list.enumerated().map { reader.node($1, at: path + [name, String($0)]) }
  }

  private func named(_ name: String, _ reader: inout SchemaReader) -> [String: Int] {
    var nodes: [String: Int] = [:]
    for (key, value) in object(name, &reader) { nodes[key] = reader.node(value, at: path + [name, key]) }
    return nodes
  }

  private func words(_ value: JSON?, at place: [String], _ reader: inout SchemaReader) -> [String] {
    guard let value else { return [] }
    guard case .array(let list) = value else {
      reader.note("this must be a list of names, not \(value.kind)", at: place)
      return []
    }
    var words: [String] = []
    for (index, item) in list.enumerated() {
      guard case .string(let word) = item, !words.contains(word) else {
        reader.note("a name is a text that stands here once", at: place + [String(index)])
        continue
      }
      words.append(word)
    }
    return words
  }
}
