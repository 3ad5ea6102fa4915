import WorkerKit

/// The body of a rollback: to which activation, who asks, and why.
struct RollbackWish {
  let number: Int64
  let by: String
  let reason: String

  /// The longest `by` and `reason`, in characters.
  static let longestText = 1000

  init(_ body: JSON) throws(Problem) {
    var items: [Problem.Item] = []
    if case .integer(let number)? = body["to"], number > 0 {
      self.number = number
    } else {
      number = 0
      items.append(.init(field: "to", code: "required", message: "This field is the number of an activation."))
    }
    by = Self.text("by", in: body, &items)
    reason = Self.text("reason", in: body, &items)
    if case .object(let members) = body {
      for key in members.keys.sorted() where !["to", "by", "reason"].contains(key) {
        items.append(
          .init(field: String(key.prefix(100)), code: "unknown_field", message: "There is no such field."))
      }
    }
    guard items.isEmpty else {
      throw Problem(
        400, "invalid_rollback", "A rollback is an object with to, by and reason; nothing was rolled back.",
        items: items)
    }
  }

  private static func text(_ field: String, in body: JSON, _ items: inout [Problem.Item]) -> String {
    guard case .string(let text)? = body[field], (1...longestText).contains(text.count) else {
      items.append(
        .init(field: field, code: "required", message: "This field is a text of 1 to \(longestText) characters."))
      return ""
    }
    return text
  }
}
