import WorkerKit

/// Reads a query into a filter of events.
enum EventFilterReader {
  /// The parameters of the list of events.
  static let parameters: Set<String> = ["type", "tenant_id", "from", "until", "limit", "before"]

  static func read(_ query: [String: String]) throws(Problem) -> EventFilter {
    var (filter, items) = (EventFilter(), [Problem.Item]())
    filter.type = query["type"]
    filter.tenant = query["tenant_id"].map { TenantID($0) }
    filter.from = moment("from", query["from"], &items)
    filter.until = moment("until", query["until"], &items)
    if let text = query["limit"] { filter.limit = number("limit", text, within: 1...1000, &items) ?? filter.limit }
    if let text = query["before"] {
      filter.cursor = number("before", text, within: 1...Int(Int64.max), &items).map { Int64($0) }
    }
    guard items.isEmpty else { throw .invalidQuery(items) }
    return filter
  }

  /// Reads a moment; what is none is noted.
  static func moment(_ name: String, _ text: String?, _ items: inout [Problem.Item]) -> Timestamp? {
    guard let text else { return nil }
    guard let moment = Timestamp(rfc3339: text) else {
      items.append(
        .init(
          field: name, code: "invalid", message: "This is a date and time like 2026-11-21T09:04:32Z (RFC 3339)."))
      return nil
    }
    return moment
  }

  private static func number(
    _ name: String, _ text: String, within range: ClosedRange<Int>, _ items: inout [Problem.Item]
  ) -> Int? {
    guard let number = Int(text), range.contains(number) else {
      let end = range.upperBound == .max ? "on" : "to \(range.upperBound)"
      items.append(
        .init(field: name, code: "invalid", message: "This is a whole number from \(range.lowerBound) \(end)."))
      return nil
    }
    return number
  }
}
