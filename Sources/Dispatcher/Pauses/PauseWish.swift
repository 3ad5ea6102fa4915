import WorkerKit

/// The body of a pause or a resumption: of what, who asks, and why.
struct PauseWish {
  let scopes: [PauseScope]
  /// True where scopes are to be paused that nobody knows.
  let isAnyway: Bool
  let by: String
  let reason: String

  /// How many scopes one request may name.
  static let mostScopes = 100

  /// Reads what is to be paused.
  static func pausing(_ body: JSON) throws(Problem) -> PauseWish {
    try PauseWish(
      body, known: ["scopes", "by", "reason", "anyway"],
      Problem(400, "invalid_pause", "A pause is an object with scopes, by and reason; nothing was paused."))
  }

  /// Reads what is to be resumed; a reason need not be given.
  static func resuming(_ body: JSON) throws(Problem) -> PauseWish {
    try PauseWish(
      body, known: ["scopes", "by", "reason"],
      Problem(
        400, "invalid_resume",
        "A resumption is an object with scopes and by, and perhaps a reason; nothing was resumed."))
  }

  private init(_ body: JSON, known: Set<String>, _ refusal: Problem) throws(Problem) {
    var reader = BodyReader(body, known: known)
    scopes = Self.scopes(body["scopes"], &reader)
    isAnyway = known.contains("anyway") && reader.flag("anyway")
    by = reader.text("by", isRequired: true) ?? ""
    reason = reader.text("reason", isRequired: known.contains("anyway")) ?? ""
    guard !reader.items.isEmpty else { return }
    var problem = refusal
    problem.items = reader.items
    throw problem
  }

  private static func scopes(_ value: JSON?, _ reader: inout BodyReader) -> [PauseScope] {
    guard case .array(let elements)? = value, (1...mostScopes).contains(elements.count) else {
      reader.note("scopes", "required", "This field is a list of 1 to \(mostScopes) scopes.")
      return []
    }
    var scopes: [PauseScope] = []
    for (index, element) in elements.enumerated() {
      if case .string(let text) = element, text.count <= BodyReader.longestText, let scope = PauseScope(text) {
        if !scopes.contains(scope) { scopes.append(scope) }
      } else {
        reader.note(
          "scopes", "invalid",
          "Element \(index) is no scope like queue:media, pipeline:media, stage:media/scan or tenant:acme.")
      }
    }
    return scopes
  }
}
