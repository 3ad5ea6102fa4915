/// The paths that patterns look at, as a tree of keys.
struct PathTree {
  private struct Node {
    var children: [String: Int] = [:]
    /// The path's number; nil where no pattern looks at it, only below.
    var path: Int?
  }

  private var nodes = [Node()]
  /// How many paths there are; they are numbered from 0.
  private(set) var count = 0

  /// The path's number, a new one where it has none.
  mutating func number(of path: [String]) -> Int {
    var at = 0
    for key in path {
      if let next = nodes[at].children[key] {
        at = next
      } else {
        nodes[at].children[key] = nodes.count
        at = nodes.count
        nodes.append(Node())
      }
    }
    if let number = nodes[at].path { return number }
    nodes[at].path = count
    count += 1
    return count - 1
  }

  /// What an event has at the paths. Costs no more than the event has members, however many paths there are.
  func fields(of event: JSON) -> EventFields {
    var fields = EventFields()
    visit(0, event, into: &fields)
    fields.list.sort { $0.path < $1.path }
    return fields
  }

  private func visit(_ index: Int, _ value: JSON, into fields: inout EventFields) {
    fields.work += 1
    switch value {
    case .object(let object):
      let children = nodes[index].children
      if children.count <= object.count {
        for (key, child) in children {
          if let value = object[key] { visit(child, value, into: &fields) }
        }
      } else {
        for (key, value) in object {
          if let child = children[key] { visit(child, value, into: &fields) }
        }
      }
    case .array(let elements):
      if !nodes[index].children.isEmpty { fields.hasArrays = true }
      for element in elements { visit(index, element, into: &fields) }
    default:
      if let path = nodes[index].path { fields.list.append((path, value)) }
    }
  }
}

/// An event's scalars at the paths that patterns look at.
struct EventFields {
  /// Sorted by path; of an array each scalar.
  var list: [(path: Int, value: JSON)] = []
  /// Whether some scalars may be in different elements of one array, so that they do not belong together.
  var hasArrays = false
  var work = 0

  /// The positions of the path's scalars; empty where there are none.
  func positions(of path: Int) -> Range<Int> {
    var (low, high) = (0, list.count)
    while low < high {
      let middle = (low + high) / 2
      if list[middle].path < path { low = middle + 1 } else { high = middle }
    }
    var end = low
    while end < list.count, list[end].path == path { end += 1 }
    return low..<end
  }
}
