import WorkerKit

extension JSON {
  /// A member as a cell of a table: texts as they are, a hyphen for what is not there.
  func cell(_ key: String) -> String {
    switch self[key] {
    case .string(let text)?: text.isEmpty ? "-" : text
    case .integer(let number)?: String(number)
    case .bool(let value)?: String(value)
    case nil, .null?: "-"
    case let value?: value.text()
    }
  }

  /// A member that is a whole number; 0 where it is not.
  func count(_ key: String) -> Int64 { if case .integer(let number)? = self[key] { number } else { 0 } }

  /// The whole numbers of a member that is an object, by their words.
  func counts(_ key: String) -> [String: Int64] {
    guard case .object(let members)? = self[key] else { return [:] }
    return members.compactMapValues { if case .integer(let number) = $0 { number } else { nil } }
  }

  /// The elements of a member that is an array; none where it is not.
  func elements(_ key: String) -> [JSON] {
    if case .array(let elements)? = self[key] { elements } else { [] }
  }
}
