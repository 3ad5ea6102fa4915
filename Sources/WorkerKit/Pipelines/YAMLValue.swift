/// A node of a YAML document, with its place. Aliases are written out.
struct YAMLValue: Sendable {
  enum Content: Sendable {
    /// A scalar's text. A plain one may stand for a number, a boolean or null; any other is a text.
    case scalar(String, isPlain: Bool)
    case list([YAMLValue])
    case map([YAMLMember])
  }

  var content: Content
  var place: Place

  /// What the value is, in the operator's words.
  var kind: String {
    switch content {
    case .scalar(let text, isPlain: true): (CoreSchema.value(of: text) ?? .double(0)).scalarKind
    case .scalar: "a text"
    case .list: "a list"
    case .map: "a mapping"
    }
  }

  /// True for what stands for nothing: an absent value, `~`, `null`.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return CoreSchema.value(of: text) == .null
  }
}

/// A key of a mapping and its value. Keys are always texts.
struct YAMLMember: Sendable {
  let key: String
  let place: Place
  let value: YAMLValue
}

extension JSON {
  fileprivate var scalarKind: String {
    switch self {
    case .null: "empty"
    case .bool: "true or false"
    case .integer, .double: "a number"
    default: "a text"
    }
  }
}
