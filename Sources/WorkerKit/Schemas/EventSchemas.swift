/// What the payloads of events must look like: the schemas of a folder, by type and version of event.
///
/// `TYPE.schema.json` is the schema of version 1 of a type, `TYPE.v2.schema.json` that of version 2. A type that ends
/// like a version itself, `Order.v2`, is written with both: `Order.v2.v1.schema.json`.
///
/// An event of a type without any schema is free-form. Where a type has schemas, an event of a version without one
/// breaks them: otherwise whoever names another version would get anything in.
public struct EventSchemas: Sendable {
  private var schemas: [String: [Int: JSONSchema]] = [:]

  /// What the names of schema files end with.
  public static let fileEnding = SchemaFile.ending

  /// No schemas: every payload is free-form.
  public init() {}

  /// How many schemas there are.
  public var count: Int { schemas.values.reduce(0) { $0 + $1.count } }

  /// The types that have schemas, by name.
  public var types: [String] { schemas.keys.sorted() }

  /// The versions of a type that have schemas; none where it is free-form.
  public func versions(of type: String) -> [Int] { schemas[type]?.keys.sorted() ?? [] }

  /// The schema of one version of a type.
  public func schema(of type: String, version: Int) -> JSONSchema? { schemas[type]?[version] }

  /// Every schema of a type, in the order of versions.
  func all(of type: String) -> [JSONSchema] { (schemas[type] ?? [:]).sorted { $0.key < $1.key }.map(\.value) }

  /// What is wrong with an event's payload; nothing where its type is free-form.
  public func violations(of event: EventEnvelope) -> [SchemaViolation] {
    violations(of: event.payload, type: event.type, version: event.version)
  }

  /// What is wrong with the payload of an event that is not an envelope yet, of which parts may be left out: without a
  /// type nothing is known of it, without a version it is of version 1.
  public func violations(of event: JSON) -> [SchemaViolation] {
    guard case .string(let type)? = event["type"] else { return [] }
    let version = if case .integer(let number)? = event["version"] { Int(clamping: number) } else { 1 }
    return violations(of: event["payload"] ?? .object([:]), type: type, version: version)
  }

  private func violations(of payload: JSON, type: String, version: Int) -> [SchemaViolation] {
    guard let versions = schemas[type] else { return [] }
    guard let schema = versions[version] else {
      let known = versions.keys.sorted().map { String($0) }.joined(separator: ", ")
      return [
        SchemaViolation(
          pointer: "", keyword: "version",
          expectation: "There is no schema for this version of the event; versions with one: \(known).")
      ]
    }
    return schema.violations(of: payload)
  }

  /// These schemas, but the ones that `files` stand for by their names as they are in `before`, where it has them: so
  /// that a bad file displaces no good one.
  public func keeping(_ files: some Sequence<String>, of before: EventSchemas) -> EventSchemas {
    var kept = self
    for file in files {
      var ignored = ProblemList(file: file)
      guard let (type, version) = SchemaFile.identity(file, into: &ignored),
        let schema = before.schema(of: type, version: version)
      else { continue }
      kept.schemas[type, default: [:]][version] = schema
    }
    return kept
  }

  /// Reads schema files.
  /// - Parameter files: The files' names, of which the last part tells type and version, and their texts.
  /// - Returns: The schemas of the files without problems, and the problems of the others, file by file. Whoever
  ///   takes events in by them does so only when there are none.
  public static func read(files: [(name: String, text: String)]) -> (EventSchemas, [PipelineProblem]) {
    var (all, origins, problems) = (EventSchemas(), [String: String](), [PipelineProblem]())
    for (name, text) in files.sorted(by: { $0.name < $1.name }) {
      var list = ProblemList(file: name)
      let schema = SchemaFile.schema(text, into: &list)
      if let (type, version) = SchemaFile.identity(name, into: &list) {
        if let other = origins.updateValue(name, forKey: "\(type) \(version)") {
          list.note(.invalidSchema, at: .start, "\(other) is the schema of version \(version) of \(type) already")
        }
        if list.isEmpty, let schema { all.schemas[type, default: [:]][version] = schema }
      }
      problems += list.sorted
    }
    return (all, problems)
  }
}
