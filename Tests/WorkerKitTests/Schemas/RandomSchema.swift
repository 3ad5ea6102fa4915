import WorkerKit
import WorkerKitTesting

extension JSON {
  private static let names = ["a", "b", "ab", "c"]

  /// A value that random schemas have something to say about.
  static func randomInstance(depth: Int, using random: inout SeededGenerator) -> JSON {
    switch Int.random(in: 0..<(depth > 0 ? 9 : 5), using: &random) {
    case 0: return [nil, true, false].randomElement(using: &random) ?? nil
    case 1: return .integer(.random(in: -2...4, using: &random))
    case 2: return [0.5, 1.0, -0.25, 2.0, 1e15, 3.75].randomElement(using: &random) ?? 0
    case 3, 4: return ["", "a", "ab", "b", "é", "abc", "1"].randomElement(using: &random) ?? ""
    case 5, 6:
      let count = Int.random(in: 0...4, using: &random)
      return .array((0..<count).map { _ in randomInstance(depth: depth - 1, using: &random) })
    default:
      let chosen = names.filter { _ in Bool.random(using: &random) }
      let members = chosen.map { ($0, randomInstance(depth: depth - 1, using: &random)) }
      return .object(Dictionary(uniqueKeysWithValues: members))
    }
  }

  /// A schema of up to `depth` levels with every keyword that is checked, but for formats; its definitions are `one`
  /// and `two`, where two refers to one.
  static func randomSchema(depth: Int, using random: inout SeededGenerator) -> JSON {
    guard case .object(var schema) = subschema(depth, &random) else { return subschema(0, &random) }
    schema["$defs"] = ["one": definition(depth - 1, &random), "two": ["$ref": "#/$defs/one"]]
    return .object(schema)
  }

  private static func definition(_ depth: Int, _ random: inout SeededGenerator) -> JSON {
    var schema: [String: JSON] = ["type": kind(&random), "minimum": number(&random)]
    if depth > 0, Bool.random(using: &random) { schema["items"] = ["$ref": "#/$defs/one"] }
    return .object(schema)
  }

  private static func subschema(_ depth: Int, _ random: inout SeededGenerator) -> JSON {
    if Int.random(in: 0..<12, using: &random) == 0 { return .bool(Bool.random(using: &random)) }
    var schema: [String: JSON] = [:]
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let (keyword, value) =
        depth > 0 && Bool.random(using: &random) ? nested(depth - 1, &random) : plain(&random)
      schema[keyword] = value
    }
    if schema["const"] != nil { schema["enum"] = nil }
    return .object(schema)
  }

  private static func kind(_ random: inout SeededGenerator) -> JSON {
    let kinds = ["null", "boolean", "integer", "number", "string", "array", "object"]
    let first = kinds.randomElement(using: &random) ?? "null"
    guard let second = kinds.randomElement(using: &random), second != first else { return .string(first) }
    return .array([.string(first), .string(second)])
  }

  private static func number(_ random: inout SeededGenerator) -> JSON {
    [.integer(.random(in: -1...3, using: &random)), 0.5, 2.0].randomElement(using: &random) ?? 0
  }

  private static func words(_ random: inout SeededGenerator) -> JSON {
    .array(names.filter { _ in Bool.random(using: &random) }.map { .string($0) })
  }

  private static func plain(_ random: inout SeededGenerator) -> (String, JSON) {
    let name = names.randomElement(using: &random) ?? "a"
    let counts = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"]
    let bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]
    switch Int.random(in: 0..<11, using: &random) {
    case 0, 1: return ("type", kind(&random))
    case 2: return ("enum", .array((0..<4).map { _ in randomInstance(depth: 1, using: &random) }))
    case 3: return ("const", randomInstance(depth: 2, using: &random))
    case 4: return (bounds.randomElement(using: &random) ?? "minimum", number(&random))
    case 5: return ("multipleOf", [0.25, 0.5, 2, 3].randomElement(using: &random) ?? 2)
    case 6: return (counts.randomElement(using: &random) ?? "minItems", .integer(.random(in: 0...3, using: &random)))
    case 7: return ("pattern", ["^a", "b$", "^(a|b)*$", "[^a]", "^.{2}$"].randomElement(using: &random) ?? "a")
    case 8: return ("uniqueItems", .bool(Bool.random(using: &random)))
    case 9: return ("required", words(&random))
    default: return ("dependentRequired", .object([name: words(&random)]))
    }
  }

  private static func nested(_ depth: Int, _ random: inout SeededGenerator) -> (String, JSON) {
    let one = subschema(depth, &random)
    let list = JSON.array((0..<Int.random(in: 1...3, using: &random)).map { _ in subschema(depth, &random) })
    let named = JSON.object(
      Dictionary(
        uniqueKeysWithValues: names.filter { _ in Bool.random(using: &random) }.map { ($0, subschema(depth, &random)) })
    )
    let single = ["items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else"]
    switch Int.random(in: 0..<17, using: &random) {
    case 0..<8: return (single.randomElement(using: &random) ?? "not", one)
    case 8: return ("prefixItems", list)
    case 9: return ("allOf", list)
    case 10: return ("anyOf", list)
    case 11: return ("oneOf", list)
    case 12, 13: return ("properties", named)
    case 14: return ("dependentSchemas", named)
    case 15: return ("patternProperties", .object(["^a": one]))
    default: return ("$ref", Bool.random(using: &random) ? "#/$defs/one" : "#/$defs/two")
    }
  }
}

extension String {
  /// A short text of few letters.
  static func randomLetters(using random: inout SeededGenerator) -> String {
    let letters = ["a", "b", "c", "1", " ", "-"]
    return (0..<Int.random(in: 0...5, using: &random)).map { _ in letters.randomElement(using: &random) ?? "" }.joined()
  }

  /// An expression that Python reads as ECMA-262 does.
  static func randomExpression(depth: Int, using random: inout SeededGenerator) -> String {
    let atoms = ["a", "b", "c", ".", "[ab]", "[^a]", "[a-c1]", "\\d", "\\w", "\\s", "\\D", "[\\W1]", "\\b", "^", "$"]
    let counts = ["", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,}", "*?", "+?"]
    let parts = (0..<Int.random(in: 1...3, using: &random)).map { _ -> String in
      if depth > 0, Bool.random(using: &random) {
        let inner = randomExpression(depth: depth - 1, using: &random)
        let open = Bool.random(using: &random) ? "(" : "(?:"
        return "\(open)\(inner))\(counts.randomElement(using: &random) ?? "")"
      }
      let atom = atoms.randomElement(using: &random) ?? "a"
      return ["^", "$", "\\b"].contains(atom) ? atom : atom + (counts.randomElement(using: &random) ?? "")
    }
    let text = parts.joined()
    guard depth > 0, Int.random(in: 0..<3, using: &random) == 0 else { return text }
    return "\(text)|\(randomExpression(depth: depth - 1, using: &random))"
  }
}
