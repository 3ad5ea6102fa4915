/// What is wrong with one option of a worker: which, and what was expected.
public struct OptionProblem: Error, Sendable, Hashable, CustomStringConvertible {
  /// The option's name, with an index or key where the fault lies deeper: `widths[2]`.
  public let option: String
  /// A sentence that says what was expected.
  public let message: String

  /// Describes a problem.
  public init(option: String, message: String) {
    self.option = option
    self.message = message
  }

  /// One line for a person.
  public var description: String { "\(option): \(message)" }
}

/// A type that an option can have: it reads itself from JSON, writes itself, and says in JSON Schema what it accepts.
public protocol OptionValue: Sendable {
  /// Reads a value; `option` names it in errors.
  static func read(_ json: JSON, option: String) throws(OptionProblem) -> Self
  /// The value as JSON, for defaults and examples.
  var optionJSON: JSON { get }
  /// What is accepted, as JSON Schema 2020-12.
  static var schema: JSON { get }
  /// True for types that `null` and absence stand for a value of.
  static var acceptsNull: Bool { get }
}

extension OptionValue {
  /// False but for optionals.
  public static var acceptsNull: Bool { false }
}

extension String: OptionValue {
  public static func read(_ json: JSON, option: String) throws(OptionProblem) -> String {
    guard case .string(let text) = json else { throw .expected("a text", option, json) }
    return text
  }
  public var optionJSON: JSON { .string(self) }
  public static var schema: JSON { ["type": "string"] }
}

extension Int: OptionValue {
  public static func read(_ json: JSON, option: String) throws(OptionProblem) -> Int {
    guard case .integer(let number) = json else { throw .expected("a whole number", option, json) }
    return Int(number)
  }
  public var optionJSON: JSON { .integer(Int64(self)) }
  public static var schema: JSON { ["type": "integer"] }
}

extension Bool: OptionValue {
  public static func read(_ json: JSON, option: String) throws(OptionProblem) -> Bool {
    guard case .bool(let flag) = json else { throw .expected("true or false", option, json) }
    return flag
  }
  public var optionJSON: JSON { .bool(self) }
  public static var schema: JSON { ["type": "boolean"] }
}

extension JSON: OptionValue {
  public static func read(_ json: JSON, option: String) throws(OptionProblem) -> JSON { json }
  public var optionJSON: JSON { self }
  public static var schema: JSON { [:] }
}

extension Array: OptionValue where Element: OptionValue {
  public static func read(_ json: JSON, option: String) throws(OptionProblem) -> [Element] {
    guard case .array(let items) = json else { throw .expected("a list", option, json) }
    var values: [Element] = []
    for (index, item) in items.enumerated() { values.append(try Element.read(item, option: "\(option)[\(index)]")) }
    return values
  }
  public var optionJSON: JSON { .array(map(\.optionJSON)) }
  public static var schema: JSON { ["type": "array", "items": Element.schema] }
}

extension Dictionary: OptionValue where Key == String, Value: OptionValue {
  public static func read(_ json: JSON, option: String) throws(OptionProblem) -> [String: Value] {
    guard case .object(let members) = json else { throw .expected("a mapping", option, json) }
    var values: [String: Value] = [:]
    for key in members.keys.sorted() {
      values[key] = try members[key].map { member throws(OptionProblem) in
        try Value.read(member, option: "\(option).\(key)")
      }
    }
    return values
  }
  public var optionJSON: JSON { .object(mapValues(\.optionJSON)) }
  public static var schema: JSON { ["type": "object", "additionalProperties": Value.schema] }
}

extension Optional: OptionValue where Wrapped: OptionValue {
  public static func read(_ json: JSON, option: String) throws(OptionProblem) -> Wrapped? {
    json == .null ? nil : try Wrapped.read(json, option: option)
  }
  public var optionJSON: JSON { self?.optionJSON ?? .null }
  public static var schema: JSON { Wrapped.schema }
  public static var acceptsNull: Bool { true }
}

/// An option that is one of a few words.
public protocol OptionWord: OptionValue, RawRepresentable, CaseIterable where RawValue == String {}

extension OptionWord {
  public static func read(_ json: JSON, option: String) throws(OptionProblem) -> Self {
    let words = allCases.map(\.rawValue)
    guard case .string(let text) = json, let value = Self(rawValue: text) else {
      var hint = ""
      if case .string(let text) = json, let near = Spelling.suggestion(for: text, among: words) {
        hint = "; did you mean \(near)?"
      }
      throw OptionProblem(option: option, message: "must be one of \(words.joined(separator: ", "))\(hint)")
    }
    return value
  }
  public var optionJSON: JSON { .string(rawValue) }
  public static var schema: JSON { ["enum": .array(allCases.map { .string($0.rawValue) })] }
}

extension OptionProblem {
  fileprivate static func expected(_ what: String, _ option: String, _ json: JSON) -> OptionProblem {
    OptionProblem(option: option, message: "must be \(what), not \(json.kind)")
  }
}
