/// Finds which of many patterns an event matches, without trying each.
///
/// A decision tree. From a state, each leaf that some alternative asks for next leads to a further state; at a state
/// where all leaves of an alternative have held, its pattern matches. Alternatives that begin with the same leaves
/// share them. At each state, one `ValueTable` for each path finds what the event's value there leads to, whatever the
/// number of the leaves. Leaves are taken in one order everywhere, those that fewest other leaves hold together with
/// first: exact values, then addresses and texts, then ranges, then `exists` and `anything-but`, then absences.
///
/// So an event costs what it has at the paths that patterns look at, a search for each state that it reaches, and the
/// patterns that it matches. Patterns of which it misses the first leaf cost nothing. Three designs were weighed: a
/// count of satisfied leaves for each pattern pays for every pattern that shares a common leaf (half of all pipelines
/// may ask for one content type); a single indexed leaf for each pattern pays for all that share their rarest one;
/// Event Ruler's automaton merges more states, but has to follow sub-rules through them, and its wildcards can make it
/// exponential (https://github.com/aws/event-ruler#matching-with-a-machine). The tree has at most as many states as the
/// patterns have leaves, and is built in one pass.
///
/// Leaves are matched against a path's values wherever they stand in arrays. Where the event has arrays of objects,
/// what is found is therefore tried once more by `PatternAlternative`, which keeps elements apart.
struct PatternIndex {
  /// What a leaf leads to.
  private struct State {
    /// Positions in `alternatives` whose leaves have all held.
    var accepted: [Int] = []
    var tables: [(path: Int, table: ValueTable)] = []
    /// From a path to a position in `tables`.
    var positions: [Int: Int] = [:]
    /// States for which a path must have no value.
    var absences: [(path: Int, target: Int)] = []
  }

  private let paths: PathTree
  private var states: [State]
  private let alternatives: [(pattern: Int, alternative: PatternAlternative)]

  /// An index of these patterns. Answers are positions in `patterns`.
  init(_ patterns: [Pattern]) {
    var builder = PatternIndexBuilder()
    for (index, pattern) in patterns.enumerated() {
      for alternative in pattern.alternatives { builder.add(alternative, of: index) }
    }
    builder.build()
    paths = builder.paths
    alternatives = builder.alternatives
    states = builder.states.map { draft in
      var state = State(accepted: draft.accepted, absences: draft.absences)
      for (path, leaves) in draft.leaves.sorted(by: { $0.key < $1.key }) {
        state.positions[path] = state.tables.count
        state.tables.append((path, ValueTable(leaves)))
      }
      return state
    }
  }

  /// The positions of the patterns that an event matches, in order.
  func matching(_ event: JSON) -> [Int] {
    var work = 0
    return matching(event, work: &work)
  }

  /// The same, and counts into `work` every look-up, comparison and visited state.
  func matching(_ event: JSON, work: inout Int) -> [Int] {
    let fields = paths.fields(of: event)
    work += fields.work
    var (waiting, matched) = ([0], [Int]())
    var found: [Int] = []
    while let index = waiting.popLast() {
      work += 1
      for accepted in states[index].accepted {
        let (pattern, alternative) = alternatives[accepted]
        if !fields.hasArrays || alternative.matches(event) { matched.append(pattern) }
      }
      for (path, target) in states[index].absences {
        work += 1
        // With arrays, another element may have the value; the alternative is tried as a whole in the end.
        if fields.hasArrays || fields.positions(of: path).isEmpty { waiting.append(target) }
      }
      let state = states[index]
      visit(state, fields, into: &found, work: &work)
      waiting += found.sortedOnce
      found.removeAll(keepingCapacity: true)
    }
    return matched.sortedOnce
  }

  private func visit(_ state: State, _ fields: EventFields, into found: inout [Int], work: inout Int) {
    if state.tables.count < fields.list.count {
      for (path, table) in state.tables {
        work += 1
        for position in fields.positions(of: path) {
          table.find(fields.list[position].value, into: &found, work: &work)
        }
      }
    } else {
      for field in fields.list {
        work += 1
        guard let position = state.positions[field.path] else { continue }
        state.tables[position].table.find(field.value, into: &found, work: &work)
      }
    }
  }
}
