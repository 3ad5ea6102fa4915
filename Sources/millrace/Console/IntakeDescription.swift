import RedisDriver
import WorkerKit

/// Refused entries of an event stream, for programs and as a person reads them.
enum IntakeDescription {
  /// One of a list.
  static func json(_ letter: RedisStreamLetter) -> JSON { .object(members(letter)) }

  /// One with what it holds.
  static func json(_ letter: RedisStreamLetter, _ fields: [StreamField]) -> JSON {
    var members = members(letter)
    members["fields"] = .array(
      fields.map { field in
        let text = String(validating: field.value, as: UTF8.self)
        return .object([
          "name": .string(field.name),
          text == nil ? "value_base64" : "value": .string(text ?? Base64.encode(field.value)),
        ])
      })
    return .object(members)
  }

  /// A page of a list.
  static func table(_ page: JSON) -> String {
    let letters = page.elements("dead")
    guard !letters.isEmpty else { return "There are no such dead letters." }
    var table = Table("ID", "REFUSED", "CODE", "BYTES", "REASON")
    for letter in letters {
      table.add(
        letter.cell("id"), letter.cell("refused_at"), letter.cell("code"), letter.cell("bytes"), letter.cell("reason"))
    }
    guard page["next_after"] != .null else { return table.text }
    return table.text + "\nThere are more: --after \(page.cell("next_after"))"
  }

  /// Everything about one.
  static func page(_ letter: JSON) -> String {
    let names = ["id", "entry", "refused_at", "code", "reason"]
    let head = names.map { name in
      name + String(repeating: " ", count: 12 - name.count) + PlainText.line(letter.cell(name))
    }
    let fields = letter.elements("fields").map { field in
      let value = field["value"] == nil ? "(base 64) " + field.cell("value_base64") : field.cell("value")
      return "\(PlainText.line(field.cell("name"))):\n\(value)"
    }
    return (head + fields).joined(separator: "\n")
  }

  private static func members(_ letter: RedisStreamLetter) -> [String: JSON] {
    [
      "id": .string(letter.id), "entry": .string(letter.entry), "refused_at": .string(letter.refusedAt.description),
      "code": .string(letter.refusal.code), "reason": .string(letter.refusal.reason),
      "bytes": .integer(Int64(letter.size)),
    ]
  }
}
