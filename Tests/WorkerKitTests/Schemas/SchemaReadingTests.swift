import Testing
import WorkerKit

@Suite("JSON Schema: reading", .timeLimit(.minutes(5)))
struct SchemaReadingTests {
  static let cases = [
    SchemaCase(["requierd": ["a"]], nil, "#/requierd: unknown keyword 'requierd'; did you mean 'required'?"),
    SchemaCase(["x-own": 1], nil, "#/x-own: unknown keyword 'x-own'"),
    SchemaCase(
      ["properties": ["a": ["unevaluatedProperties": false]]], nil,
      "#/properties/a/unevaluatedProperties: the keyword 'unevaluatedProperties' is not supported; "
        + "use additionalProperties"),
    SchemaCase(
      ["definitions": [:]], nil,
      "#/definitions: the keyword 'definitions' is not supported; write $defs, as draft 2020-12 does"),
    SchemaCase(["$dynamicRef": "#a"], nil, "#/$dynamicRef: the keyword '$dynamicRef' is not supported"),
    SchemaCase(
      ["$schema": "http://json-schema.org/draft-07/schema#"], nil,
      "#/$schema: this is not a schema of draft 2020-12; "
        + #"write "https://json-schema.org/draft/2020-12/schema""#),
    SchemaCase(7, nil, "#: a schema is an object, true or false, not number"),
    SchemaCase(
      ["type": "strnig"], nil,
      "#/type: a type is one of null, boolean, integer, number, string, array, object; did you mean 'string'?"),
    SchemaCase(
      ["type": ["string", 1]], nil,
      "#/type/1: a type is one of null, boolean, integer, number, string, array, object; did you mean 'number'?"),
    SchemaCase(["minLength": -1], nil, "#/minLength: minLength must be a whole number that is not negative"),
    SchemaCase(["minimum": "1"], nil, "#/minimum: minimum must be a number, not string"),
    SchemaCase(["multipleOf": 0], nil, "#/multipleOf: multipleOf must be greater than 0"),
    SchemaCase(["enum": []], nil, "#/enum: enum is an empty list, which nothing matches"),
    SchemaCase(["enum": 1], nil, "#/enum: enum must be a list, not number"),
    SchemaCase(["required": ["a", "a"]], nil, "#/required/1: a name is a text that stands here once"),
    SchemaCase(
      ["items": [true]], nil, "#/items: items is one schema; write prefixItems, as draft 2020-12 does"),
    SchemaCase(["anyOf": []], nil, "#/anyOf: anyOf must hold at least one schema"),
    SchemaCase(["format": "date-tiem"], nil, "#/format: there is no format 'date-tiem'; did you mean 'date-time'?"),
    SchemaCase(["format": "colour"], nil, "#/format: there is no format 'colour'"),
    SchemaCase(
      ["$ref": "#/properties/a"], nil,
      "#/$ref: a reference is \"#\" or \"#/$defs/NAME\"; put what it names under $defs of this file"),
    SchemaCase(
      ["$defs": ["money": true], "$ref": "#/$defs/mony"], nil,
      "#/$ref: there is no 'mony' under $defs; did you mean 'money'?"),
    SchemaCase(["items": ["$defs": [:]]], nil, "#/items/$defs: $defs stands at the top of a file only"),
    SchemaCase(
      ["pattern": "(a"], nil,
      "#/pattern: this is not a regular expression that can be used: a group is not closed with ')' (at character 3)"),
    SchemaCase(
      ["patternProperties": ["(?=a)": true]], nil,
      "#/patternProperties/(?=a): this is not a regular expression that can be used: look-around is not supported, "
        + "since it can make matching slow beyond measure (at character 2)"),
    SchemaCase(
      ["$ref": "#"], nil, "#: this schema refers back to itself for the same value, without end"),
    SchemaCase(
      ["$defs": ["a": ["anyOf": [true, ["$ref": "#/$defs/b"]]], "b": ["not": ["$ref": "#/$defs/a"]]]], nil,
      "#/$defs/a: this schema refers back to itself for the same value, without end"),
    SchemaCase(["uniqueItems": 1], nil, "#/uniqueItems: uniqueItems must be true or false, not number"),
    SchemaCase(
      ["const": 1, "enum": [1]], nil, "#: const and enum stand side by side; one of them will do"),
  ]

  @Test("what is wrong with a schema is told with its place", arguments: cases)
  func problems(_ example: SchemaCase) throws {
    let error = #expect(throws: SchemaError.self) { try JSONSchema.read(example.schema) }
    #expect(error?.problems.map(\.description) == example.expected)
  }

  @Test func everyProblemIsToldButNoMoreThanTwenty() {
    let keywords = (10..<60).map { ("unknown\($0)", JSON.null) }
    let error = #expect(throws: SchemaError.self) {
      try JSONSchema.read(.object(Dictionary(uniqueKeysWithValues: keywords)))
    }
    #expect(error?.problems.map(\.pointer) == (10..<30).map { "/unknown\($0)" })
  }

  @Test func aSchemaOfTooManyPartsIsRefused() {
    let error = #expect(throws: SchemaError.self) {
      try JSONSchema.read(["allOf": .array(Array(repeating: true, count: JSONSchema.mostNodes + 10))])
    }
    #expect(error?.problems.map(\.message) == ["the schema has more than 10000 parts"])
  }
}
