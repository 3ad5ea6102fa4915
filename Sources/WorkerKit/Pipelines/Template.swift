/// A value with references in it. There is no expression language: a reference stands for a value, and that is all.
public indirect enum Template: Sendable, Hashable {
  /// A value without references.
  case literal(JSON)
  /// A text that is one reference and nothing else: the value, with its type.
  case reference(Reference)
  /// A text with references in it: strings, numbers and booleans are written into it.
  case text([Piece])
  case list([Template])
  case object([String: Template])

  /// A part of a text.
  public enum Piece: Sendable, Hashable {
    case literal(String)
    case reference(Reference)
  }

  /// All references in it; sorted by key within an object.
  public var references: [Reference] {
    switch self {
    case .literal: return []
    case .reference(let reference): return [reference]
    case .text(let pieces):
      return pieces.compactMap { piece in
        guard case .reference(let reference) = piece else { return nil }
        return reference
      }
    case .list(let items): return items.flatMap(\.references)
    case .object(let members): return members.sorted { $0.key < $1.key }.flatMap(\.value.references)
    }
  }

  /// The value without references, or nil where there are some.
  public var literal: JSON? {
    guard case .literal(let value) = self else { return nil }
    return value
  }

  /// Puts values in the places of references, and writes the result as JSON bytes.
  ///
  /// A reference that leads to nothing, or to null, an array or an object within a text, makes the whole unresolved.
  /// - Parameter value: What a reference stands for, or nil.
  public func resolve<E: Error>(_ value: (Reference) throws(E) -> JSON?) throws(E) -> JobInput {
    switch try resolved(value) {
    case .value(let json): .resolved(json.bytes())
    case .missing(let reference): .unresolved(reference: reference.description)
    }
  }

  /// A resolved value, or the first reference that has none.
  enum Resolved {
    case value(JSON)
    case missing(Reference)
  }

  func resolved<E: Error>(_ value: (Reference) throws(E) -> JSON?) throws(E) -> Resolved {
    switch self {
    case .literal(let json): return .value(json)
    case .reference(let reference):
      guard let found = try value(reference) else { return .missing(reference) }
      return .value(found)
    case .text(let pieces): return try Self.joined(pieces, value)
    case .list(let items):
      var values: [JSON] = []
      for item in items {
        switch try item.resolved(value) {
        case .value(let json): values.append(json)
        case .missing(let reference): return .missing(reference)
        }
      }
      return .value(.array(values))
    case .object(let members):
      var values: [String: JSON] = [:]
      for (key, member) in members.sorted(by: { $0.key < $1.key }) {
        switch try member.resolved(value) {
        case .value(let json): values[key] = json
        case .missing(let reference): return .missing(reference)
        }
      }
      return .value(.object(values))
    }
  }

  private static func joined<E: Error>(
    _ pieces: [Piece], _ value: (Reference) throws(E) -> JSON?
  ) throws(E) -> Resolved {
    var text = ""
    for piece in pieces {
      switch piece {
      case .literal(let part): text += part
      case .reference(let reference):
        guard let part = try value(reference)?.inText else { return .missing(reference) }
        text += part
      }
    }
    return .value(.string(text))
  }
}

extension Template {
  /// The template as a file has it, for a person.
  var words: String {
    switch self {
    case .literal(.string(let text)): text
    case .literal(let value): value.text()
    case .reference(let reference): "\(reference)"
    case .text(let pieces):
      pieces.map { piece in
        switch piece {
        case .literal(let text): text
        case .reference(let reference): "\(reference)"
        }
      }.joined()
    case .list(let items): "[\(items.map(\.words).joined(separator: ", "))]"
    case .object(let members):
      "{ \(members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.words)" }.joined(separator: ", ")) }"
    }
  }
}

extension JSON {
  /// The value as a part of a text; nil for null, arrays and objects.
  var inText: String? {
    switch self {
    case .string(let text): text
    case .integer, .double, .bool: text()
    case .null, .array, .object: nil
    }
  }
}
