/// One option of a worker: the single source of its decoder, its schema, its documentation and its lint.
public struct OptionField<Value: OptionValue>: Sendable {
  public let name: String
  /// One sentence for the documentation.
  public let summary: String
  /// Nil where the option is required.
  public let standard: Value?
  /// A value for the documentation.
  public let example: Value?
  /// What the type alone cannot say: an answer is what is wrong.
  let check: @Sendable (Value) -> String?

  /// Declares an option. Without a default it is required, unless its type is an optional.
  public init(
    _ name: String, _ summary: String, default standard: Value? = nil, example: Value? = nil,
    check: @escaping @Sendable (Value) -> String? = { _ in nil }
  ) {
    self.name = name
    self.summary = summary
    self.standard = standard
    self.example = example
    self.check = check
  }

  /// Reads and checks a value of this option.
  func read(_ json: JSON) throws(OptionProblem) -> Value {
    let value = try Value.read(json, option: name)
    if let wrong = check(value) { throw OptionProblem(option: name, message: wrong) }
    return value
  }

  /// The option without its type, for lists of options.
  public var description: OptionDescription {
    OptionDescription(
      name: name, summary: summary, schema: Value.schema, isRequired: standard == nil && !Value.acceptsNull,
      standard: standard?.optionJSON, example: (example ?? standard)?.optionJSON
    ) { json in
      do throws(OptionProblem) {
        _ = try read(json)
        return nil
      } catch { return error }
    }
  }
}

/// An option as documentation, schema and lint see it.
public struct OptionDescription: Sendable {
  public let name: String
  public let summary: String
  /// What is accepted, as JSON Schema 2020-12.
  public let schema: JSON
  public let isRequired: Bool
  /// The default, where there is one.
  public let standard: JSON?
  public let example: JSON?
  /// What is wrong with a value, or nil.
  public let problem: @Sendable (JSON) -> OptionProblem?
}

/// The options of a worker, as one type.
public protocol WorkerOptions: Sendable {
  /// Every option, in the order of the documentation.
  static var fields: [OptionDescription] { get }
  /// Reads the options through the same fields.
  init(_ reader: OptionReader) throws(OptionProblem)
}

/// Hands a worker's options to their type, field by field.
public struct OptionReader: Sendable {
  private let object: [String: JSON]

  /// Takes the resolved options of a job; refuses what is no object and keys that no field declares.
  public init(_ json: JSON, fields: [OptionDescription]) throws(OptionProblem) {
    guard case .object(let object) = json else {
      throw OptionProblem(option: "with", message: "must be an object, not \(json.kind)")
    }
    let known = fields.map(\.name)
    for key in object.keys.sorted() where !known.contains(key) {
      let hint = Spelling.suggestion(for: key, among: known)
      throw OptionProblem(option: key, message: "is not an option\(hint.map { "; did you mean \($0)?" } ?? "")")
    }
    self.object = object
  }

  /// The value of an option: given, or its default.
  public func value<Value>(_ field: OptionField<Value>) throws(OptionProblem) -> Value {
    if let json = object[field.name], json != .null || Value.acceptsNull { return try field.read(json) }
    if let standard = field.standard { return standard }
    guard Value.acceptsNull else { throw OptionProblem(option: field.name, message: "is required") }
    return try field.read(.null)
  }
}
