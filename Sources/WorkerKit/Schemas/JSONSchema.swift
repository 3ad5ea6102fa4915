/// What a JSON value must look like: a schema of JSON Schema, draft 2020-12
/// (https://json-schema.org/draft/2020-12), as far as event payloads need it.
///
/// - **Values:** `type`, `enum`, `const`.
/// - **Numbers:** `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`, `multipleOf`; compared exactly, as
///   decimals: 0.3 is a multiple of 0.1.
/// - **Texts:** `minLength`, `maxLength` (in code points), `pattern` (as `RegularExpression` says), `format`.
/// - **Arrays:** `items`, `prefixItems`, `contains`, `minContains`, `maxContains`, `minItems`, `maxItems`,
///   `uniqueItems`.
/// - **Objects:** `properties`, `required`, `additionalProperties`, `patternProperties`, `propertyNames`,
///   `minProperties`, `maxProperties`, `dependentRequired`, `dependentSchemas`.
/// - **Together:** `allOf`, `anyOf`, `oneOf`, `not`, `if`, `then`, `else`, and `$ref` to `#` or `#/$defs/NAME`.
/// - **For people alone:** `title`, `description`, `default`, `examples`, `$comment`, `deprecated`, `readOnly`,
///   `writeOnly`, `contentEncoding`, `contentMediaType`, `$schema`, `$id`.
///
/// Of formats, `date-time`, `date` and `uuid` are checked; others that the draft knows are for people. Any other
/// keyword is an error when the schema is read: one that is passed over silently would let in what it was to keep out.
///
/// Checking a value takes bounded work, whatever the value.
public struct JSONSchema: Sendable {
  /// The root first; the others are found by their place.
  let nodes: [SchemaNode]

  /// The most problems that a schema's reading, and the most violations that a value's check, answers with.
  public static let mostViolations = 20
  /// The most subschemas of a schema.
  public static let mostNodes = 10_000
  /// How much work the check of a large value may take, in steps: some tenths of a second.
  static let mostWork = 10_000_000

  init(nodes: [SchemaNode]) { self.nodes = nodes }

  /// Reads a schema.
  /// - Throws: A `SchemaError` with everything that is wrong with it.
  public static func read(_ value: JSON) throws(SchemaError) -> JSONSchema {
    var reader = SchemaReader(root: value)
    return try reader.read()
  }

  /// What is wrong with `value`: the first 20 violations, none where it is as it should be.
  ///
  /// The work it may take grows with the value's size, so that many small values cost no more than one large one.
  public func violations(of value: JSON) -> [SchemaViolation] {
    var validation = SchemaValidation(nodes, work: 50_000 + min(Self.mostWork, 40 * value.size))
    return validation.run(on: value.withWholeNumbers)
  }
}

/// One way in which a value breaks its schema.
public struct SchemaViolation: Sendable, Hashable, CustomStringConvertible {
  /// Where in the value, as a JSON pointer (RFC 6901); empty for the value itself.
  public let pointer: String
  /// The keyword that it breaks: `required`; `work` where checking would take too much of it.
  public let keyword: String
  /// A sentence that says what was expected. It quotes the schema, and never the value.
  public let expectation: String

  /// Describes a violation.
  public init(pointer: String, keyword: String, expectation: String) {
    self.pointer = pointer
    self.keyword = keyword
    self.expectation = expectation
  }

  /// Pointer and sentence: `/size: This must be at least 1.`
  public var description: String { pointer.isEmpty ? expectation : "\(pointer): \(expectation)" }
}

extension JSON {
  /// About how many bytes it takes to write the value.
  fileprivate var size: Int {
    switch self {
    case .null, .bool, .integer, .double: 2
    case .string(let text): 3 + text.utf8.count
    case .array(let elements): elements.reduce(2) { $0 + $1.size }
    case .object(let members): members.reduce(2) { $0 + 4 + $1.key.utf8.count + $1.value.size }
    }
  }

  /// The value with every number that is whole, and fits, as an integer: so that 1 and 1.0 are one value.
  var withWholeNumbers: JSON {
    switch self {
    case .double(let number): Int64(exactly: number).map { .integer($0) } ?? self
    case .array(let elements): .array(elements.map(\.withWholeNumbers))
    case .object(let members): .object(members.mapValues(\.withWholeNumbers))
    default: self
    }
  }
}
