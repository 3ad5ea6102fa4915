import WorkerKit

/// Which of a numbered list a request asks for, the newest first: `?before=NUMBER&limit=COUNT`.
struct NumberedPage {
  /// The parameters, for a route's query.
  static let parameters: Set<String> = ["before", "limit"]

  /// Only what has a smaller number; nil for the newest.
  let before: Int64?
  /// How many, from 1 to 1000.
  let limit: Int

  /// - Throws: A `Problem`, 400, where a parameter is no number, or the limit out of its bounds.
  init(_ request: APIRequest) throws(Problem) {
    let limit = try Self.number(request, "limit") ?? 50
    guard (1...1000).contains(limit) else {
      throw .invalidQuery([
        .init(field: "limit", code: "invalid", message: "This parameter is a whole number from 1 to 1000.")
      ])
    }
    self.limit = Int(limit)
    before = try Self.number(request, "before")
  }

  /// The page, under `name`; `next_before` asks for what follows, and is null at the end.
  func answer<Item>(_ name: String, _ items: [Item], number: (Item) -> Int64, json: (Item) -> JSON) -> APIResponse {
    let next = items.count == limit ? items.last.map(number) : nil
    return APIResponse(.object([name: .array(items.map(json)), "next_before": next.map { .integer($0) } ?? .null]))
  }

  private static func number(_ request: APIRequest, _ name: String) throws(Problem) -> Int64? {
    guard let text = request.query[name] else { return nil }
    guard let number = Int64(text), number > 0 else {
      throw .invalidQuery([.init(field: name, code: "invalid", message: "This parameter is a whole number above 0.")])
    }
    return number
  }
}
