import Testing

@testable import WorkerKit

/// A schema, a value, and what is wrong with the value.
struct SchemaCase: Sendable, CustomTestStringConvertible {
  let schema: JSON
  let value: JSON
  let expected: [String]
  var testDescription: String { "\(schema.text()) \(value.text().prefix(60))" }

  init(_ schema: JSON, _ value: JSON, _ expected: String...) {
    self.schema = schema
    self.value = value
    self.expected = expected
  }
}

@Suite("JSON Schema: values", .timeLimit(.minutes(5)))
struct SchemaTests {
  static let scalars = [
    SchemaCase(true, 1), SchemaCase(false, 1, "false: Nothing may stand here."),
    SchemaCase(["type": "string"], 1, "type: This must be of type string, not number."),
    SchemaCase(["type": ["null", "string"]], nil),
    SchemaCase(["type": ["string", "null"]], true, "type: This must be of type null or string, not boolean."),
    SchemaCase(["type": "integer"], 1.0), SchemaCase(["type": "integer"], 1e300),
    SchemaCase(["type": "integer"], 1.5, "type: This must be of type integer, not number."),
    SchemaCase(["type": "number"], 7), SchemaCase(["const": 1], 1.0),
    SchemaCase(["const": ["a": [1]]], ["a": [2]], #"const: This must be {"a":[1]}."#),
    SchemaCase(["enum": ["a", nil]], "b", #"enum: This must be one of "a", null."#),
    SchemaCase(["enum": [1, true]], true), SchemaCase(["enum": [1]], true, "enum: This must be one of 1."),
    SchemaCase(["minimum": 2], 2), SchemaCase(["minimum": 2], 1.5, "minimum: This must be at least 2."),
    SchemaCase(["maximum": 2], 3, "maximum: This must be at most 2."), SchemaCase(["maximum": 2], "x"),
    SchemaCase(["exclusiveMinimum": 2], 2, "exclusiveMinimum: This must be more than 2."),
    SchemaCase(["exclusiveMaximum": 2], 2.0, "exclusiveMaximum: This must be less than 2."),
    SchemaCase(
      ["maximum": .integer(.max - 1)], .integer(.max), "maximum: This must be at most 9223372036854775806."),
    SchemaCase(["multipleOf": 0.1], 0.3), SchemaCase(["multipleOf": 0.01], 1e20), SchemaCase(["multipleOf": 3], 9e15),
    SchemaCase(["multipleOf": 0.1], 0.25, "multipleOf: This must be a multiple of 0.1."),
    SchemaCase(["multipleOf": 1e20], 10, "multipleOf: This must be a multiple of 1e+20."),
    SchemaCase(["minLength": 2, "maxLength": 2], "é\u{1F600}"),
    SchemaCase(["maxLength": 2], "e\u{301}a", "maxLength: This must have at most 2 characters."),
    SchemaCase(["minLength": 1], "", "minLength: This must have at least 1 characters."),
    SchemaCase(["pattern": "^a+$"], "xaay", "pattern: This must match ^a+$."), SchemaCase(["pattern": "a"], "xaay"),
    SchemaCase(["format": "date-time"], "2026-11-21T09:04:32+01:00"),
    SchemaCase(
      ["format": "date-time"], "2026-11-21", "format: This must be a date and time like 2026-11-21T09:04:32Z."),
    SchemaCase(["format": "date"], "2026-02-29", "format: This must be a date like 2026-11-21."),
    SchemaCase(
      ["format": "uuid"], "2eb8aa08aa98-11ea-b4aa-73b441d1638",
      "format: This must be a UUID like 2eb8aa08-aa98-11ea-b4aa-73b441d16380."),
    SchemaCase(["format": "uuid"], "2EB8AA08-aa98-11ea-b4aa-73b441d16380"), SchemaCase(["format": "email"], "none"),
  ]

  static let collections = [
    SchemaCase(["items": ["type": "number"]], [1, "a"], "/1 type: This must be of type number, not string."),
    SchemaCase(
      ["prefixItems": [["type": "number"]], "items": false], [1, 2], "/1 false: Nothing may stand here."),
    SchemaCase(["prefixItems": [true, true]], [1]),
    SchemaCase(
      ["contains": ["const": 1]], [2], "contains: At least 1 of the elements must be as 'contains' says."),
    SchemaCase(["contains": ["const": 1], "minContains": 0], [2]),
    SchemaCase(
      ["contains": ["const": 1], "maxContains": 1], [1, 1],
      "maxContains: At most 1 of the elements may be as 'contains' says."),
    SchemaCase(["minItems": 1], [], "minItems: This must have at least 1 elements."),
    SchemaCase(["maxItems": 1], [1, 2], "maxItems: This must have at most 1 elements."),
    SchemaCase(["uniqueItems": true], [1, 1.0], "uniqueItems: No two elements of this may be the same."),
    SchemaCase(["uniqueItems": true], [[1], [true], ["1"], nil, 0, false]),
    SchemaCase(["required": ["a/b"]], [:], "required: The member 'a/b' is required."),
    SchemaCase(
      ["properties": ["a/b": ["items": ["type": "null"]]]], ["a/b": [1]],
      "/a~1b/0 type: This must be of type null, not number."),
    SchemaCase(
      ["properties": ["size": true], "additionalProperties": false], ["szie": 1],
      "/szie additionalProperties: There is no such member; did you mean 'size'?"),
    SchemaCase(
      ["patternProperties": ["^x": ["type": "null"]], "additionalProperties": ["type": "number"]],
      ["x1": 1, "y": "a"], "/x1 type: This must be of type null, not number.",
      "/y type: This must be of type number, not string."),
    SchemaCase(
      ["propertyNames": ["maxLength": 1]], ["ab": 1], "/ab propertyNames: No member may have this name."),
    SchemaCase(["minProperties": 1], [:], "minProperties: This must have at least 1 members."),
    SchemaCase(["maxProperties": 0], ["a": 1], "maxProperties: This must have at most 0 members."),
    SchemaCase(
      ["dependentRequired": ["a": ["b"]]], ["a": 1], "dependentRequired: The member 'b' is required beside 'a'."),
    SchemaCase(
      ["dependentSchemas": ["a": ["required": ["c"]]]], ["a": 1], "required: The member 'c' is required."),
  ]

  static let together = [
    SchemaCase(
      ["allOf": [["minimum": 1], ["maximum": 0]]], 0.5, "minimum: This must be at least 1.",
      "maximum: This must be at most 0."),
    SchemaCase(["anyOf": [["minimum": 1], ["const": 0]]], 0),
    SchemaCase(
      ["anyOf": [["minimum": 1], ["const": 0]]], -1, "anyOf: This must be as one of the schemas of anyOf says."),
    SchemaCase(
      ["anyOf": [["type": "number", "minimum": 1], ["type": "string"]]], -1, "minimum: This must be at least 1."),
    SchemaCase(
      ["oneOf": [["minimum": 1], ["minimum": 2]]], 3,
      "oneOf: This must be as exactly one of the schemas of oneOf says, and is as 2 say."),
    SchemaCase(["not": ["type": "null"]], nil, "not: This is what 'not' rules out."),
    SchemaCase(
      ["if": ["const": 1], "then": false, "else": ["type": "string"]], 2,
      "type: This must be of type string, not number."),
    SchemaCase(["if": ["const": 1], "else": false], 1), SchemaCase(["then": false], 1),
    SchemaCase(
      ["$defs": ["a/b": ["type": "null"]], "$ref": "#/$defs/a~1b"], 1,
      "type: This must be of type null, not number."),
    SchemaCase(
      ["properties": ["next": ["$ref": "#"]], "required": ["v"]], ["v": 1, "next": ["v": 1, "next": [:]]],
      "/next/next required: The member 'v' is required."),
    SchemaCase(["title": "t", "description": "d", "default": 1, "examples": [1], "$comment": "c"], 1),
  ]

  @Test("each keyword finds what breaks it", arguments: scalars + collections + together)
  func keywords(_ example: SchemaCase) throws {
    let schema = try JSONSchema.read(example.schema)
    let found = schema.violations(of: example.value).map { violation in
      "\(violation.pointer.isEmpty ? "" : violation.pointer + " ")\(violation.keyword): \(violation.expectation)"
    }
    #expect(found == example.expected)
  }

  @Test func atMostTwentyViolationsAreTold() throws {
    let schema = try JSONSchema.read(["items": ["type": "null"]])
    let found = schema.violations(of: .array(Array(repeating: 1, count: 1000)))
    #expect(found.map(\.pointer) == (0..<20).map { "/\($0)" })
  }

  @Test func aPathThatTheSenderMadeUpIsBounded() throws {
    let schema = try JSONSchema.read(["additionalProperties": false])
    let found = schema.violations(of: .object([String(repeating: "k", count: 100_000): 1]))
    #expect(found.map(\.pointer.count) == [101])
  }

  @Test("no payload makes a check endless")
  func workIsBounded() throws {
    var members: [String: JSON] = ["last": ["enum": ["x"]]]
    for level in 0..<40 {
      let next: JSON = ["$ref": .string(level == 39 ? "#/$defs/last" : "#/$defs/l\(level + 1)")]
      members["l\(level)"] = ["anyOf": [next, next]]
    }
    let bomb = try JSONSchema.read(["$defs": .object(members), "$ref": "#/$defs/l0"])
    #expect(keywords(of: 1, by: bomb) == ["work"])
    let denied = try JSONSchema.read(["$defs": .object(members), "not": ["$ref": "#/$defs/l0"]])
    #expect(keywords(of: 1, by: denied) == ["work"], "What could not be checked is never let in.")
    let pattern = try JSONSchema.read(["pattern": "(a?){900}c"])
    #expect(keywords(of: .string(String(repeating: "a", count: 100_000)), by: pattern) == ["work"])
    let nested = try JSONSchema.read(["pattern": "^(a+)+$"])
    #expect(keywords(of: .string(String(repeating: "a", count: 60) + "b"), by: nested) == ["pattern"])
  }

  @Test("checking the largest payload in a usual way is within bounds")
  func usualWorkIsDone() throws {
    let item: JSON = ["type": "string", "pattern": "^[a-z0-9_-]{1,64}$", "minLength": 1]
    let schema = try JSONSchema.read(["type": "array", "items": ["anyOf": [["type": "null"], item]]])
    let payload = JSON.array(Array(repeating: "abcdefghij_0123456789", count: 11_000))
    #expect(payload.bytes().count > 255_000)
    #expect(schema.violations(of: payload).isEmpty)
  }

  private func keywords(of value: JSON, by schema: JSONSchema) -> [String] {
    var validation = SchemaValidation(schema.nodes, work: 100_000)
    return validation.run(on: value).map(\.keyword)
  }
}
