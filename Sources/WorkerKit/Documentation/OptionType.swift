/// The type of an option in words, from its schema.
enum OptionType {
  /// `text`, `list of whole numbers`, `webp or jpeg`.
  static func text(of schema: JSON) -> String {
    if case .array(let words)? = schema["enum"] {
      return list(words.map { word in if case .string(let text) = word { "`\(text)`" } else { word.text() } })
    }
    return name(of: schema, isPlural: false)
  }

  private static func name(of schema: JSON, isPlural: Bool) -> String {
    let ending = isPlural ? "s" : ""
    switch schema["type"] {
    case "string"?: return "text\(ending)"
    case "integer"?: return "whole number\(ending)"
    case "number"?: return "number\(ending)"
    case "boolean"?: return "true or false"
    case "array"?: return "list\(ending) of \(schema["items"].map { name(of: $0, isPlural: true) } ?? "values")"
    case "object"?:
      return "mapping\(ending) of \(schema["additionalProperties"].map { name(of: $0, isPlural: true) } ?? "values")"
    default: return isPlural ? "values" : "any value"
    }
  }

  private static func list(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return "\(words.dropLast().joined(separator: ", ")) or \(last)"
  }
}
