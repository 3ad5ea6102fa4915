/// Reads a schema into nodes, and gathers what is wrong with it.
struct SchemaReader {
  private let root: JSON
  private(set) var nodes: [SchemaNode] = []
  /// Where each node stands, for problems that are found later.
  private var places: [[String]] = []
  private var definitions: [String: Int] = [:]
  private(set) var problems: [SchemaError.Problem] = []
  private var isTooLarge = false

  /// Keywords that say nothing of what a value must be.
  static let annotations: Set<String> = [
    "$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly",
    "contentEncoding", "contentMediaType",
  ]
  /// Keywords of JSON Schema that are refused, and what to write instead where there is something.
  static let unsupported: [String: String?] = [
    "$anchor": "use $ref with #/$defs/NAME", "$dynamicAnchor": nil, "$dynamicRef": nil, "$vocabulary": nil,
    "unevaluatedItems": "use items", "unevaluatedProperties": "use additionalProperties", "contentSchema": nil,
    "definitions": "write $defs, as draft 2020-12 does", "additionalItems": "write items, as draft 2020-12 does",
    "dependencies": "write dependentRequired or dependentSchemas, as draft 2020-12 does",
  ]
  static let dialect = "https://json-schema.org/draft/2020-12/schema"

  init(root: JSON) { self.root = root }

  mutating func read() throws(SchemaError) -> JSONSchema {
    if case .object(let members) = root { declare(members["$defs"], members["$schema"]) }
    // The root is the first node, so that `#` stands for it before it is read.
    _ = node(root, at: [])
    if case .object(let defined)? = root["$defs"] {
      for name in defined.keys.sorted() {
        guard let value = defined[name], let place = definitions[name] else { continue }
        fill(place, from: value, at: ["$defs", name])
      }
    }
    if problems.isEmpty { checkReferences() }
    guard problems.isEmpty else { throw SchemaError(problems: Array(problems.prefix(JSONSchema.mostViolations))) }
    return JSONSchema(nodes: nodes)
  }

  /// Gives the definitions their places, so that references can name them before they are read.
  private mutating func declare(_ defined: JSON?, _ dialect: JSON?) {
    if let dialect, dialect != .string(Self.dialect), dialect != .string(Self.dialect + "#") {
      note("this is not a schema of draft 2020-12", at: ["$schema"], hint: "write \"\(Self.dialect)\"")
    }
    reserve(at: [])
    guard let defined else { return }
    guard case .object(let members) = defined else {
      return note("$defs must be an object of schemas, not \(defined.kind)", at: ["$defs"])
    }
    for name in members.keys.sorted() {
      definitions[name] = nodes.count
      reserve(at: ["$defs", name])
    }
  }

  private mutating func reserve(at path: [String]) {
    nodes.append(SchemaNode())
    places.append(path)
  }

  /// Reads a subschema and gives its place.
  mutating func node(_ value: JSON, at path: [String]) -> Int {
    let isRoot = path.isEmpty && !nodes.isEmpty
    let place = isRoot ? 0 : nodes.count
    guard place < JSONSchema.mostNodes else {
      if !isTooLarge { note("the schema has more than \(JSONSchema.mostNodes) parts", at: path) }
      isTooLarge = true
      return 0
    }
    if !isRoot { reserve(at: path) }
    fill(place, from: value, at: path)
    return place
  }

  private mutating func fill(_ place: Int, from value: JSON, at path: [String]) {
    switch value {
    case .bool(let isAnything): nodes[place].refusesAll = !isAnything
    case .object(let members):
      let node = SchemaKeywords(members: members, path: path).node(&self)
      nodes[place] = node
    default: note("a schema is an object, true or false, not \(value.kind)", at: path)
    }
  }

  /// The place of what a reference names.
  mutating func reference(_ text: String, at path: [String]) -> Int? {
    if text == "#" { return 0 }
    guard text.hasPrefix("#/$defs/") else {
      note("a reference is \"#\" or \"#/$defs/NAME\"", at: path, hint: "put what it names under $defs of this file")
      return nil
    }
    let name = JSONPointer.step(text.dropFirst("#/$defs/".count))
    if let place = definitions[name] { return place }
    note("there is no '\(name)' under $defs", at: path, unknown: name, known: definitions.keys.sorted())
    return nil
  }

  mutating func note(_ message: String, at path: [String], hint: String? = nil) {
    problems.append(SchemaError.Problem(path: path, message: String(message.prefix(500)), hint: hint))
  }

  mutating func note(_ message: String, at path: [String], unknown word: String, known: some Sequence<String>) {
    note(message, at: path, hint: Spelling.suggestion(for: word, among: known).map { "did you mean '\($0)'?" })
  }

  /// Refuses schemas that come back to themselves without having looked deeper into the value: they would never end.
  private mutating func checkReferences() {
    // 0: not seen, 1: on the way, 2: done.
    var states = Array(repeating: 0, count: nodes.count)
    for start in nodes.indices where states[start] == 0 {
      var open: [(node: Int, next: [Int])] = [(start, nodes[start].inPlace.all)]
      states[start] = 1
      while let (node, next) = open.last {
        guard let child = next.last else {
          states[node] = 2
          open.removeLast()
          continue
        }
        open[open.count - 1].next.removeLast()
        if states[child] == 1 {
          note("this schema refers back to itself for the same value, without end", at: places[child])
          return
        }
        guard states[child] == 0 else { continue }
        states[child] = 1
        open.append((child, nodes[child].inPlace.all))
      }
    }
  }
}
