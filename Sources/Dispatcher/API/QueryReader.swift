import WorkerKit

/// Reads the query of an address, and refuses what the route does not take.
enum QueryReader {
  static func read(_ query: String?, known: Set<String>) throws(Problem) -> [String: String] {
    var values: [String: String] = [:]
    var items: [Problem.Item] = []
    for pair in (query ?? "").split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = PercentCoding.decode(parts[0]), let value = PercentCoding.decode(parts.count > 1 ? parts[1] : "")
      else {
        items.append(.init(field: "query", code: "invalid", message: "A percent-escape is broken."))
        continue
      }
      if !known.contains(name) {
        let hint = Spelling.suggestion(for: name, among: known)
        items.append(
          .init(
            field: String(name.prefix(100)), code: "unknown_parameter",
            message: "There is no such parameter\(hint.map { "; did you mean \($0)?" } ?? ".")"))
      } else if value.utf8.contains(0) {
        // No store has anything under it, and not every one can be asked.
        items.append(.init(field: name, code: "invalid", message: "This parameter has a NUL character."))
      } else if values.updateValue(value, forKey: name) != nil {
        items.append(.init(field: name, code: "duplicate", message: "This parameter stands twice."))
      }
    }
    guard items.isEmpty else { throw .invalidQuery(items) }
    return values
  }
}

extension Problem {
  static func invalidQuery(_ items: [Item]) -> Problem {
    Problem(400, "invalid_query", "The address's query is not what this route takes.", items: items)
  }
}
