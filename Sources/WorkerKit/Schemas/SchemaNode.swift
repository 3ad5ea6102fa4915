/// A schema or a part of one, with its subschemas named by their places.
struct SchemaNode: Sendable {
  /// The types of JSON Schema.
  enum Kind: String, Sendable, CaseIterable {
    case null, boolean, integer, number, string, array, object
  }

  /// True for `false`: nothing is as it says.
  var refusesAll = false
  var kinds: Set<Kind>?
  /// What `enum` and `const` admit.
  var values: AllowedValues?
  var number = NumberRules()
  var text = TextRules()
  var array = ArrayRules()
  var object = ObjectRules()
  /// What the value must be as well, in its own place.
  var inPlace = InPlaceRules()

  struct AllowedValues: Sendable {
    let keyword: String
    let all: Set<JSON>
    /// For messages: bounded, in the order of the schema.
    let text: String
  }

  struct NumberRules: Sendable {
    struct Bound: Sendable {
      let text: String
      let exact: ExactNumber
    }

    var minimum: Bound?
    var maximum: Bound?
    var exclusiveMinimum: Bound?
    var exclusiveMaximum: Bound?
    var multipleOf: (text: String, exact: DecimalNumber)?
  }

  struct TextRules: Sendable {
    var minLength: Int?
    var maxLength: Int?
    var pattern: RegularExpression?
    var format: SchemaFormat?
  }

  struct ArrayRules: Sendable {
    var prefix: [Int] = []
    var items: Int?
    var contains: Int?
    var minContains: Int?
    var maxContains: Int?
    var minItems: Int?
    var maxItems: Int?
    var areUnique = false
  }

  struct ObjectRules: Sendable {
    var properties: [String: Int] = [:]
    var patterns: [(pattern: RegularExpression, node: Int)] = []
    var additional: Int?
    var names: Int?
    var required: [String] = []
    /// The names that must be there beside a name, in the order of names.
    var dependentRequired: [(name: String, needed: [String])] = []
    var minProperties: Int?
    var maxProperties: Int?
  }

  struct InPlaceRules: Sendable {
    var reference: Int?
    var allOf: [Int] = []
    var anyOf: [Int] = []
    var oneOf: [Int] = []
    var not: Int?
    var condition: Int?
    var then: Int?
    var otherwise: Int?
    /// What holds where a member is there.
    var dependent: [String: Int] = [:]

    /// All subschemas that look at the same value.
    var all: [Int] {
      allOf + anyOf + oneOf + [reference, not, condition, then, otherwise].compactMap(\.self) + dependent.values
    }
  }
}
