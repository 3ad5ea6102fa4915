import WorkerKit

/// The body of a rollback: to which activation, who asks, and why.
struct RollbackWish {
  let number: Int64
  let by: String
  let reason: String

  init(_ body: JSON) throws(Problem) {
    var reader = BodyReader(body, known: ["to", "by", "reason"])
    if case .integer(let number)? = body["to"], number > 0 {
      self.number = number
    } else {
      number = 0
      reader.note("to", "required", "This field is the number of an activation.")
    }
    by = reader.text("by", isRequired: true) ?? ""
    reason = reader.text("reason", isRequired: true) ?? ""
    guard reader.items.isEmpty else {
      throw Problem(
        400, "invalid_rollback", "A rollback is an object with to, by and reason; nothing was rolled back.",
        items: reader.items)
    }
  }
}
