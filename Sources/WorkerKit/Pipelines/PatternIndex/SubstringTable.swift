/// Finds which of many keys stand anywhere in a text, in one pass over it
/// (A. Aho, M. Corasick, "Efficient string matching: an aid to bibliographic search", CACM 18(6), 1975).
struct SubstringTable {
  private struct Node {
    var next: [UInt8: Int] = [:]
    var fallback = 0
    /// The nearest node on the way of fallbacks at which a key ends; 0 where there is none.
    var shorter = 0
    var targets: [Int] = []
  }

  private var nodes = [Node()]

  /// The keys are not empty.
  init(_ entries: [[UInt8]: [Int]]) {
    for (key, targets) in entries {
      var at = 0
      for byte in key {
        if let next = nodes[at].next[byte] {
          at = next
        } else {
          nodes[at].next[byte] = nodes.count
          at = nodes.count
          nodes.append(Node())
        }
      }
      nodes[at].targets += targets
    }
    link()
  }

  var isEmpty: Bool { nodes.count == 1 }

  /// Adds the targets of the keys that stand in `text`, once for each place where they do.
  func find(_ text: [UInt8], into found: inout [Int], work: inout Int) {
    var at = 0
    for byte in text {
      work += 1
      at = step(from: at, byte)
      var hit = nodes[at].targets.isEmpty ? nodes[at].shorter : at
      while hit > 0 {
        found += nodes[hit].targets
        hit = nodes[hit].shorter
      }
    }
  }

  private func step(from start: Int, _ byte: UInt8) -> Int {
    var at = start
    while true {
      if let next = nodes[at].next[byte] { return next }
      if at == 0 { return 0 }
      at = nodes[at].fallback
    }
  }

  private mutating func link() {
    var waiting = Array(nodes[0].next.values)
    var first = 0
    while first < waiting.count {
      let at = waiting[first]
      first += 1
      for (byte, next) in nodes[at].next {
        let fallback = step(from: nodes[at].fallback, byte)
        nodes[next].fallback = fallback
        nodes[next].shorter = nodes[fallback].targets.isEmpty ? nodes[fallback].shorter : fallback
        waiting.append(next)
      }
    }
  }
}
