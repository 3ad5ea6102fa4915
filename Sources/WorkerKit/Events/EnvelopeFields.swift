/// Reads an envelope's fields one by one and gathers what is wrong with them.
struct EnvelopeFields {
  let object: [String: JSON]
  private(set) var problems: [EnvelopeError.Problem] = []

  init(object: [String: JSON]) { self.object = object }

  /// The forms of the words that become parts of paths, labels and queries.
  enum WordForm {
    case tenant, type, key

    var rule: String {
      switch self {
      case .tenant:
        "A tenant is 1 to 64 letters, digits, dots, hyphens and underscores, and begins with a letter or digit."
      case .type:
        "A type is 1 to 128 letters, digits, dots, hyphens and underscores, and begins with a letter."
      case .key:
        "A key is 1 to 64 letters, digits, dots, hyphens and underscores, and begins with a letter."
      }
    }

    func admits(_ text: String) -> Bool {
      guard let first = text.utf8.first, text.utf8.count <= (self == .type ? 128 : 64) else { return false }
      let digitFirst = self == .tenant && isDigit(first)
      return (isLetter(first) || digitFirst)
        && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }
    }

    private func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A }
    private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
  }

  mutating func refuseUnknown(_ known: Set<String>, within prefix: String = "", of fields: [String: JSON]? = nil) {
    for key in (fields ?? object).keys.sorted() where !known.contains(key) {
      let hint = Spelling.suggestion(for: key, among: known)
      note(prefix + key, "unknown_field", "There is no such field\(hint.map { "; did you mean \($0)?" } ?? ".")")
    }
  }

  mutating func text(
    _ field: String, limit: Int = EventLimits.textCharacters, required: Bool = false
  ) -> String? {
    guard let value = object[field], value != .null else {
      if required { note(field, "required", "This field is required.") }
      return nil
    }
    return checked(value, field: field, limit: limit)
  }

  mutating func word(_ field: String, form: WordForm) -> String? {
    let known = problems.count
    guard let text = text(field, required: true) else { return nil }
    if problems.count == known, !form.admits(text) { note(field, "invalid", form.rule) }
    return text
  }

  mutating func count(_ field: String) -> Int? {
    guard let value = object[field], value != .null else { return nil }
    guard case .integer(let number) = value, number >= 1, number <= Int64(Int32.max) else {
      note(field, "invalid", "This field is a whole number of at least 1.")
      return nil
    }
    return Int(number)
  }

  mutating func moment(_ field: String) -> Timestamp? {
    guard let text = text(field) else { return nil }
    guard let moment = Timestamp(rfc3339: text) else {
      note(field, "invalid", "This field is a date and time like 2026-11-21T09:04:32Z (RFC 3339).")
      return nil
    }
    return moment
  }

  mutating func resource() -> EventEnvelope.Resource? {
    guard let value = object["resource"], value != .null else { return nil }
    guard case .object(let fields) = value else {
      note("resource", "wrong_type", "This field is an object with kind and id.")
      return nil
    }
    refuseUnknown(["kind", "id"], within: "resource.", of: fields)
    let parts = ["kind", "id"].map { key -> String in
      guard let value = fields[key] else {
        note("resource.\(key)", "required", "This field is required.")
        return ""
      }
      return checked(value, field: "resource.\(key)", limit: EventLimits.textCharacters) ?? ""
    }
    return .init(kind: parts[0], id: parts[1])
  }

  mutating func texts(_ field: String, keys: Set<String>?) -> [String: String] {
    guard let value = object[field], value != .null else { return [:] }
    guard case .object(let fields) = value else {
      note(field, "wrong_type", "This field is an object of texts.")
      return [:]
    }
    if let keys { refuseUnknown(keys, within: "\(field).", of: fields) }
    if fields.count > EventLimits.contextEntries {
      note(field, "too_long", "This field has at most \(EventLimits.contextEntries) entries.")
    }
    var texts: [String: String] = [:]
    for key in fields.keys.sorted() {
      guard let entry = fields[key] else { continue }
      if keys == nil, !WordForm.key.admits(key) { note("\(field).\(key.prefix(64))", "invalid", WordForm.key.rule) }
      texts[key] = checked(entry, field: "\(field).\(key)", limit: EventLimits.textCharacters)
    }
    return texts
  }

  mutating func payload(checkingSize: Bool) -> JSON {
    guard let payload = object["payload"] else {
      note("payload", "required", "This field is required; it may be {}.")
      return .null
    }
    if checkingSize, payload.bytes().count > EventLimits.payloadBytes {
      note(
        "payload", "too_long",
        "A payload has at most \(EventLimits.payloadBytes) bytes; put larger things into object storage."
      )
    }
    return payload
  }

  private mutating func checked(_ value: JSON, field: String, limit: Int) -> String? {
    guard case .string(let text) = value else {
      note(field, "wrong_type", "This field is a text, not \(value.kind).")
      return nil
    }
    if text.isEmpty { note(field, "invalid", "This field must not be empty.") }
    // Scalars, since one grapheme may be of any length.
    if text.unicodeScalars.count > limit { note(field, "too_long", "This field has at most \(limit) characters.") }
    if text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
      note(field, "invalid", "This field must not hold control characters.")
    }
    return text
  }

  private mutating func note(_ field: String, _ code: String, _ message: String) {
    problems.append(.init(field: field, code: code, message: message))
  }
}
