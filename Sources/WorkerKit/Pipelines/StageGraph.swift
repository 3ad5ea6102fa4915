/// Which stage needs which: the order to walk them in, what comes before what, and circles.
struct StageGraph {
  private let names: [String]
  private let needs: [String: [String]]
  /// The stages, each after all that it needs; those on a circle, and those behind one, are left out.
  let order: [String]

  /// Takes names in the order of the file. Needs that no stage answers to, and a stage's need of itself, do not count.
  init(_ stages: [(name: String, needs: [String])]) {
    let known = Set(stages.map(\.name))
    names = stages.map(\.name)
    var needs: [String: [String]] = [:]
    for stage in stages { needs[stage.name] = stage.needs.filter { known.contains($0) && $0 != stage.name } }
    self.needs = needs
    order = Self.sorted(names, needs: needs)
  }

  /// All stages that `name` needs, directly or through others.
  func ancestors(of name: String) -> Set<String> { ancestors(of: [name]) }

  /// All stages that one of these needs, directly or through others.
  func ancestors(of names: [String]) -> Set<String> {
    var found: Set<String> = []
    var open = names.flatMap { needs[$0] ?? [] }
    while let next = open.popLast() {
      if found.insert(next).inserted { open += needs[next] ?? [] }
    }
    return found
  }

  /// A circle, as the names on it, each needing the next and the last the first; nil where there is none.
  var cycle: [String]? {
    let sortable = Set(order)
    let rest = names.filter { !sortable.contains($0) }
    guard var step = rest.first else { return nil }
    var trail: [String] = []
    // What the sort leaves out has a need that it leaves out as well, so the trail must come back to itself.
    while !trail.contains(step), let next = needs[step]?.first(where: { !sortable.contains($0) }) {
      trail.append(step)
      step = next
    }
    let circle = Array(trail[(trail.firstIndex(of: step) ?? 0)...])
    let first = rest.first { circle.contains($0) }.flatMap { circle.firstIndex(of: $0) } ?? 0
    return Array(circle[first...] + circle[..<first])
  }

  /// The topological order of A. B. Kahn ("Topological sorting of large networks", CACM 5(11), 1962).
  private static func sorted(_ names: [String], needs: [String: [String]]) -> [String] {
    var missing = needs.mapValues { Set($0).count }
    var dependents: [String: [String]] = [:]
    for name in names { for need in Set(needs[name] ?? []) { dependents[need, default: []].append(name) } }
    var order = names.filter { missing[$0] == 0 }
    var next = 0
    while next < order.count {
      for dependent in dependents[order[next]] ?? [] {
        missing[dependent, default: 0] -= 1
        if missing[dependent] == 0 { order.append(dependent) }
      }
      next += 1
    }
    return order
  }
}
