/// Which paths a schema's values may have.
struct SchemaPaths {
  private let nodes: [SchemaNode]
  /// Whether keys are looked for in the elements of arrays, as patterns do; otherwise an index is a step.
  private let intoArrays: Bool

  init(_ schema: JSONSchema, intoArrays: Bool) {
    nodes = schema.nodes
    self.intoArrays = intoArrays
  }

  /// How many steps of `path` a value may have.
  func depth(of path: [String]) -> Int {
    path.indices.first { !admits(path[...$0], by: 0) } ?? path.count
  }

  /// The members that the schema names for what is at `path`.
  func names(at path: ArraySlice<String>) -> [String] {
    var (places, seen) = (Set([0]), Set<Int>())
    for step in path { places = Set(spread(places).flatMap { children($0, step) }) }
    seen = spread(places)
    return seen.flatMap { nodes[$0].object.properties.keys }.sorted()
  }

  /// The schemas with all that speak of the same value, or of its elements.
  private func spread(_ places: Set<Int>) -> Set<Int> {
    var (all, open) = (Set<Int>(), Array(places))
    while let place = open.popLast() {
      guard all.insert(place).inserted else { continue }
      open += nodes[place].inPlace.all
      if intoArrays { open += nodes[place].array.prefix + [nodes[place].array.items].compactMap(\.self) }
    }
    return all
  }

  private func children(_ place: Int, _ step: String) -> [Int] {
    let rules = nodes[place]
    var found = [rules.object.properties[step]]
    if let index = Int(step) {
      let isListed = rules.array.prefix.indices.contains(index)
      found.append(isListed ? rules.array.prefix[index] : rules.array.items)
    }
    return found.compactMap(\.self)
  }

  /// A search for a path through the schemas that speak of it.
  private struct Search {
    /// Schemas may branch without end; what is not found out in time may be.
    var steps = 100_000
    /// The schemas that are being asked for what is left of the path: arrays in arrays lead back to them.
    var asked: Set<[Int]> = []
  }

  private func admits(_ path: ArraySlice<String>, by place: Int) -> Bool {
    var search = Search()
    return admits(path, by: place, &search)
  }

  /// Whether a value of the schema may have the path. When in doubt, it may.
  private func admits(_ path: ArraySlice<String>, by place: Int, _ search: inout Search) -> Bool {
    let node = nodes[place]
    guard !node.refusesAll else { return false }
    search.steps -= 1
    guard let step = path.first, search.steps > 0 else { return true }
    guard search.asked.insert([place, path.count]).inserted else { return false }
    defer { search.asked.remove([place, path.count]) }
    if let values = node.values, !intoArrays, !values.all.contains(where: { $0.value(at: Array(path)) != nil }) {
      return false
    }
    let rules = node.inPlace
    for other in [rules.reference].compactMap(\.self) + rules.allOf where !admits(path, by: other, &search) {
      return false
    }
    for alternatives in [rules.anyOf, rules.oneOf] where !alternatives.isEmpty {
      guard alternatives.contains(where: { admits(path, by: $0, &search) }) else { return false }
    }
    return admitsMember(step, path, node, &search) || admitsElement(step, path, node, &search)
  }

  private func admitsMember(
    _ step: String, _ path: ArraySlice<String>, _ node: SchemaNode, _ search: inout Search
  ) -> Bool {
    guard node.kinds.map({ $0.contains(.object) }) ?? true else { return false }
    var named = [node.object.properties[step]].compactMap(\.self)
    // A key in a file is short, so that no expression runs out of work.
    var work = JSONSchema.mostWork
    named += node.object.patterns.filter { $0.pattern.matches(step, work: &work) ?? true }.map(\.node)
    if named.isEmpty, let additional = node.object.additional { named = [additional] }
    return named.allSatisfy { admits(path.dropFirst(), by: $0, &search) }
  }

  private func admitsElement(
    _ step: String, _ path: ArraySlice<String>, _ node: SchemaNode, _ search: inout Search
  ) -> Bool {
    guard node.kinds.map({ $0.contains(.array) }) ?? true else { return false }
    if intoArrays {
      let elements = node.array.prefix + [node.array.items].compactMap(\.self)
      // An array whose elements are open may hold objects with any key.
      return (node.array.items == nil && node.kinds != nil)
        || elements.contains { admits(path, by: $0, &search) }
    }
    guard let index = Int(step), String(index) == step, index >= 0 else { return false }
    let element = index < node.array.prefix.count ? node.array.prefix[index] : node.array.items
    return element.map { admits(path.dropFirst(), by: $0, &search) } ?? true
  }
}
