import WorkerKit

/// The body of a replay of events: which, by what pipelines, who asks, and why.
struct EventReplayWish {
  private(set) var filter = EventFilter(isOldestFirst: true)
  let pipeline: PipelineName?
  let id: ReplayID?
  let isPreview: Bool
  /// The most events that this request looks at.
  private(set) var limit = 1000
  let by: String
  let reason: String

  /// The most events of one request.
  static let mostEvents = 1000
  /// The longest texts, in characters.
  static let longestText = 1000
  private static let fields: Set<String> = [
    "type", "from", "until", "tenant_id", "pipeline", "id", "dry_run", "limit", "after", "by", "reason",
  ]

  init(_ body: JSON, now: Timestamp) throws(Problem) {
    var items: [Problem.Item] = []
    let type = Self.text("type", in: body, isRequired: true, &items)
    let from = EventFilterReader.moment("from", Self.text("from", in: body, isRequired: true, &items), &items)
    let until = EventFilterReader.moment("until", Self.text("until", in: body, isRequired: true, &items), &items)
    isPreview = body["dry_run"] == true
    pipeline = Self.text("pipeline", in: body, &items).map { PipelineName($0) }
    id = Self.text("id", in: body, &items, longest: 128).map { ReplayID($0) }
    by = Self.text("by", in: body, isRequired: !isPreview, &items) ?? ""
    reason = Self.text("reason", in: body, isRequired: !isPreview, &items) ?? ""
    filter.type = type
    filter.tenant = Self.text("tenant_id", in: body, &items).map { TenantID($0) }
    filter.from = from
    // What the replay itself leads to is not replayed.
    filter.until = until.map { min($0, now) }
    if let value = body["limit"], value != .null {
      if case .integer(let number) = value, (1...Int64(Self.mostEvents)).contains(number) {
        limit = Int(number)
      } else {
        items.append(.init(field: "limit", code: "invalid", message: "A limit is from 1 to \(Self.mostEvents)."))
      }
    }
    if case .integer(let cursor)? = body["after"] { filter.cursor = cursor }
    if let from, let until, until <= from {
      items.append(.init(field: "until", code: "invalid", message: "The end comes after the beginning."))
    }
    if case .object(let members) = body {
      for key in members.keys.sorted() where !Self.fields.contains(key) {
        let hint = Spelling.suggestion(for: key, among: Self.fields.sorted())
        items.append(
          .init(
            field: String(key.prefix(100)), code: "unknown_field",
            message: "There is no such field\(hint.map { "; did you mean \($0)?" } ?? ".")"))
      }
    }
    guard items.isEmpty else {
      throw Problem(
        400, "invalid_replay", "A replay is an object with type, from, until, by and reason; nothing was replayed.",
        items: items)
    }
  }

  private static func text(
    _ field: String, in body: JSON, isRequired: Bool = false, _ items: inout [Problem.Item],
    longest: Int = longestText
  ) -> String? {
    guard let value = body[field], value != .null else {
      if isRequired { items.append(.init(field: field, code: "required", message: "This field is required.")) }
      return nil
    }
    guard case .string(let text) = value, (1...longest).contains(text.count) else {
      items.append(
        .init(field: field, code: "invalid", message: "This field is a text of 1 to \(longest) characters."))
      return nil
    }
    return text
  }
}
