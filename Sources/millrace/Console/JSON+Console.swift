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

  /// The elements of a member that is an array; none where it is not.
  func elements(_ key: String) -> [JSON] {
    if case .array(let elements)? = self[key] { elements } else { [] }
  }
}
