import WorkerKit

extension JSON {
  /// The elements of an array, and nothing for anything else.
  var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }

  /// The text of a string, and nothing for anything else.
  var string: String { if case .string(let text) = self { text } else { "" } }
}
