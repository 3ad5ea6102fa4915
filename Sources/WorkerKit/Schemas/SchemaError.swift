/// Everything that is wrong with a schema; never empty.
public struct SchemaError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One thing that is wrong.
  public struct Problem: Sendable, Hashable, CustomStringConvertible {
    /// The keys and indices that lead to it.
    public let path: [String]
    /// What is wrong; it may quote words of the schema.
    public let message: String
    /// What to write instead, where that can be guessed.
    public let hint: String?

    /// Where it is, as a JSON pointer (RFC 6901).
    public var pointer: String { JSONPointer.text(path) }

    /// One line for a person: `#/properties/size: unknown keyword 'minimun'; did you mean 'minimum'?`
    public var description: String { "#\(pointer): \(message)\(hint.map { "; \($0)" } ?? "")" }
  }

  public let problems: [Problem]

  /// One line for each problem.
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// JSON pointers (RFC 6901).
enum JSONPointer {
  /// The pointer that leads along `path`.
  static func text(_ path: some Sequence<String>) -> String {
    path.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
  }

  /// What one step of a pointer stands for.
  static func step(_ text: some StringProtocol) -> String {
    String(text).replacing("~1", with: "/").replacing("~0", with: "~")
  }
}
